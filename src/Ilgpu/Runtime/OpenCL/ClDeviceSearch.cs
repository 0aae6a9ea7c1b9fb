using System.Globalization;

namespace ILGPU.Runtime.OpenCL;

/// <summary>Looks for the devices of all OpenCL platforms.</summary>
internal static unsafe class ClDeviceSearch
{
    private const ulong AllTypes = 0xFFFFFFFF;

    // Drivers set themselves up when they are first asked, and not all of them (PoCL 3.1) wait for a thread that is
    // doing so: a second one is given devices that are not complete.
    private static readonly Lock s_lock = new();

    /// <summary>
    /// The devices that can run kernels, in the order of the platforms and of their devices. Nothing that fails throws,
    /// and a platform that fails does not hide the others.
    /// </summary>
    /// <param name="problem">In a few words why there is no device; null where there is one.</param>
    internal static IReadOnlyList<CLDevice> Find(out string? problem)
    {
        lock (s_lock)
            return FindAlone(out problem);
    }

    private static IReadOnlyList<CLDevice> FindAlone(out string? problem)
    {
        problem = ClLibrary.Load();
        if (problem is not null)
            return [];

        uint count = 0;
        int error = Cl.clGetPlatformIDs(0, null, &count);
        var platforms = new nint[count];
        if (error == 0 && count > 0)
        {
            fixed (nint* pinned = platforms)
                error = Cl.clGetPlatformIDs(count, pinned, null);
        }

        if (error != 0 || count == 0)
        {
            problem = "the OpenCL library lists no platform";
            return [];
        }

        var devices = new List<CLDevice>();
        var problems = new List<string>();
        foreach (nint platform in platforms)
            AddDevices(platform, devices, problems);
        if (devices.Count == 0)
            problem = $"no OpenCL platform has a device that can be used ({string.Join("; ", problems)})";
        return devices;
    }

    private static void AddDevices(nint platform, List<CLDevice> devices, List<string> problems)
    {
        string name = ClDeviceInfo.PlatformText(platform, ClDeviceInfo.PlatformName);
        uint count = 0;
        int error = Cl.clGetDeviceIDs(platform, AllTypes, 0, null, &count);
        var handles = new nint[count];
        if (error == 0 && count > 0)
        {
            fixed (nint* pinned = handles)
                error = Cl.clGetDeviceIDs(platform, AllTypes, count, pinned, null);
        }

        if (error != 0 || count == 0)
        {
            problems.Add($"{name}: {(error is 0 or ClError.DeviceNotFound ? "no device" : ClError.Describe(error))}");
            return;
        }

        foreach (nint handle in handles)
        {
            var device = new CLDevice(platform, handle);
            if (WhyUnusable(handle) is string reason)
                problems.Add($"{device.Name}: {reason}");
            else
                devices.Add(device);
        }
    }

    private static string? WhyUnusable(nint device)
    {
        if (ClDeviceInfo.Number<uint>(device, ClDeviceInfo.Available) == 0)
            return "not available";
        if (ClDeviceInfo.Number<uint>(device, ClDeviceInfo.CompilerAvailable) == 0)
            return "its driver has no compiler";

        // "OpenCL 1.2 …"
        string version = ClDeviceInfo.DeviceText(device, ClDeviceInfo.Version);
        return version.Split(' ') is [_, var number, ..]
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed)
            && parsed >= 1.2
                ? null
                : $"'{version}' is older than OpenCL 1.2";
    }
}
