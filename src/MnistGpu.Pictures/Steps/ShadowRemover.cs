namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Removes shadows with an edge, such as a hand's. The paper without ink is estimated by a morphological closing: the darkest
/// surface for which every square of a size wider than a stroke has a pixel of at least that brightness. (J. Serra: Image Analysis and Mathematical Morphology, 1982.)
/// </summary>
internal static class ShadowRemover
{
    // The square's side, as a fraction of the picture's: strokes are thinner, shadows wider.
    private const int SquaresPerSide = 5;

    /// <summary>The picture's brightness relative to the paper's at the same place, −127.5 (none) to 127.5 (all of it).</summary>
    public static Plane Remove(Plane picture)
    {
        int square = Math.Max(picture.Width, picture.Height) / SquaresPerSide;
        Plane paper = Pad(picture, square).Closed(square);
        var flat = new Plane(picture.Width, picture.Height);
        for (int i = 0; i < flat.Values.Length; i++)
        {
            double brightness = picture.Values[i] + 127.5;
            double light = paper.Values[(i / flat.Width + square) * paper.Width + i % flat.Width + square] + 127.5;
            flat.Values[i] = light > 0 ? 255 * brightness / light - 127.5 : 127.5;
        }
        return flat;
    }

    /// <summary>Repeats the pixels at the edges outwards, so that a shadow there continues.</summary>
    private static Plane Pad(Plane picture, int margin)
    {
        var padded = new Plane(picture.Width + 2 * margin, picture.Height + 2 * margin);
        for (int y = 0; y < padded.Height; y++)
            for (int x = 0; x < padded.Width; x++)
                padded.Values[y * padded.Width + x] = picture.Values[
                    Math.Clamp(y - margin, 0, picture.Height - 1) * picture.Width + Math.Clamp(x - margin, 0, picture.Width - 1)];
        return padded;
    }
}
