namespace ILGPU.Runtime.OpenCL;

/// <summary>Finds OpenCL devices. The built-in runtime has none yet.</summary>
public static class CLContextExtensions
{
    /// <summary>Adds every OpenCL device to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder) => builder;

    /// <summary>Adds every OpenCL device that a predicate accepts to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder, Predicate<CLDevice> predicate) => builder;

    /// <summary>The OpenCL devices of a context.</summary>
    public static Context.DeviceCollection<CLDevice> GetCLDevices(this Context context) =>
        context.GetDevices<CLDevice>();
}
