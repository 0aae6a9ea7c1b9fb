namespace MnistGpu.Cli.Output;

/// <summary>How figures appear on the terminal.</summary>
internal static class Format
{
    /// <summary>"1 image", "1,000 images".</summary>
    public static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count:N0} {what}s";

    /// <summary>Three digits: 0.123, 1.23, 12.3, 123, 1,234.</summary>
    public static string ThreeDigits(double value) => value switch
    {
        < 0.9995 => $"{value:0.000}",
        < 9.995 => $"{value:0.00}",
        < 99.95 => $"{value:0.0}",
        _ => $"{value:N0}",
    };

    /// <summary>Seconds as milliseconds, without their unit.</summary>
    public static string Milliseconds(double seconds) => ThreeDigits(seconds * 1e3);

    /// <summary>A fraction, 0 to 1, in percent.</summary>
    public static string Percent(double part) => part < 0.0995 ? $"{part:P1}" : $"{part:P0}";

    /// <summary>
    /// A <see cref="Benchmarking.SampleSummary.Spread"/>. One as large as the measured value itself is cut short to five characters:
    /// with more, the table of speeds would not fit into 80 columns, and be a list.
    /// </summary>
    public static string Spread(double part) => part < 0.995 ? Percent(part) : ">99 %";

    /// <summary>In thousands (KB) or millions (MB).</summary>
    public static string Bytes(double bytes) =>
        bytes < 1e3 ? $"{bytes:0} B" : bytes < 1e6 ? $"{bytes / 1e3:0.0} KB" : $"{bytes / 1e6:0.0} MB";

    /// <summary>The size of an error: two digits and a power of ten.</summary>
    public static string Difference(double difference) => difference == 0 ? "0" : $"{difference:0.0e+0}";
}
