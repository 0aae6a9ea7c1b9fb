namespace ILGPU.Runtime.OpenCL;

/// <summary>Finds OpenCL devices and creates accelerators on them.</summary>
public static class CLContextExtensions
{
    /// <summary>
    /// The name under which <see cref="AppContext.GetData"/> tells, in a few words, why the last search for OpenCL
    /// devices has found none; null where it found some.
    /// </summary>
    internal const string ProblemName = "ILGPU.OpenCL.Problem";

    /// <summary>Adds every OpenCL device to the context: none where there is no OpenCL.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder) => builder.OpenCL(_ => true);

    /// <summary>Adds every OpenCL device that a predicate accepts to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder, Predicate<CLDevice> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        IReadOnlyList<CLDevice> devices = ClDeviceSearch.Find(out string? problem);
        AppContext.SetData(ProblemName, problem);
        foreach (CLDevice device in devices)
        {
            if (predicate(device))
                builder.Add(device);
        }

        return builder;
    }

    /// <summary>The OpenCL devices of a context.</summary>
    public static Context.DeviceCollection<CLDevice> GetCLDevices(this Context context) =>
        context.GetDevices<CLDevice>();

    /// <summary>Creates an accelerator on an OpenCL device of a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="clDeviceIndex">Counted from 0 among the OpenCL devices.</param>
    /// <exception cref="NotSupportedException">There is no such device.</exception>
    /// <exception cref="CLException">The driver fails.</exception>
    public static CLAccelerator CreateCLAccelerator(this Context context, int clDeviceIndex) =>
        context.GetDevice<CLDevice>(clDeviceIndex).CreateCLAccelerator(context);
}
