namespace MnistGpu.Gpu.Verification;

/// <summary>Data for a kernel to work on.</summary>
internal static class RandomData
{
    /// <summary>Numbers between −<paramref name="limit"/> and <paramref name="limit"/>.</summary>
    public static float[] Floats(Random random, int count, float limit)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (random.NextSingle() * 2 - 1) * limit;
        return values;
    }

    /// <summary>Pixels of which four in five are 0, as MNIST's are.</summary>
    public static byte[] Pixels(Random random, int count)
    {
        var pixels = new byte[count];
        for (int i = 0; i < count; i++)
            pixels[i] = random.Next(5) == 0 ? (byte)random.Next(1, 256) : (byte)0;
        return pixels;
    }
}
