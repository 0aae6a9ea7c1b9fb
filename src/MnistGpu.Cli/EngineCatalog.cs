using System.Text.RegularExpressions;
using MnistGpu.Engines.Reference;
using MnistGpu.Training;

namespace MnistGpu.Cli;

/// <summary>From a device's name on the command line to the engine that computes there.</summary>
internal static partial class EngineCatalog
{
    /// <summary>The names that <c>--device</c> takes, as help shows them.</summary>
    public const string DeviceNames = "auto|cpu|reference";

    [GeneratedRegex("^(auto|cpu|reference)$")]
    private static partial Regex DeviceName { get; }

    /// <summary>Whether this is a name that <c>--device</c> takes.</summary>
    public static bool IsDeviceName(string device) => DeviceName.IsMatch(device);

    /// <summary>Makes the engine of a device; the caller disposes it.</summary>
    public static ITrainingEngine Open(string device, int? threads) => new ReferenceEngine();
}
