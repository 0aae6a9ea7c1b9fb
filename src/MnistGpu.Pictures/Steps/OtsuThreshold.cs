namespace MnistGpu.Pictures.Steps;

/// <summary>Separates a picture's pixels into light and dark ones at the best threshold.</summary>
internal static class OtsuThreshold
{
    /// <summary>
    /// The value that separates the numbers, 0 or more, into two classes whose means are farthest apart, weighted by their sizes.
    /// (N. Otsu: A threshold selection method from gray-level histograms, 1979.)
    /// </summary>
    public static double Of(double[] values)
    {
        const int bins = 256;
        double largest = values.Max();
        if (largest == 0)
            return 0;
        var histogram = new int[bins];
        foreach (double value in values)
            histogram[(int)(value / largest * (bins - 1))]++;

        double all = 0;
        for (int bin = 0; bin < bins; bin++)
            all += (double)bin * histogram[bin];
        double below = 0, count = 0, best = -1;
        int threshold = 0;
        for (int bin = 0; bin < bins - 1; bin++)
        {
            below += (double)bin * histogram[bin];
            count += histogram[bin];
            double others = values.Length - count;
            if (count == 0 || others == 0)
                continue;
            double distance = below / count - (all - below) / others;
            double between = count * others * distance * distance;
            if (between > best)
                (best, threshold) = (between, bin + 1);
        }
        return threshold * largest / (bins - 1);
    }

    /// <summary>How far each pixel is on the light side of the threshold, and how far on the dark side; negative on the other side.</summary>
    public static (Plane Light, Plane Dark) Part(Plane picture)
    {
        double lowest = picture.Values.Min();
        double threshold = lowest + Of([.. picture.Values.Select(value => value - lowest)]);
        var light = new Plane(picture.Width, picture.Height);
        var dark = new Plane(picture.Width, picture.Height);
        for (int i = 0; i < picture.Values.Length; i++)
        {
            light.Values[i] = picture.Values[i] - threshold;
            dark.Values[i] = threshold - picture.Values[i];
        }
        return (light, dark);
    }
}
