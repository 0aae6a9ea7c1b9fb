namespace ILGPU.Runtime.Cuda;

/// <summary>Finds CUDA devices: none, without the ILGPU package.</summary>
public static class CudaContextExtensions
{
    /// <summary>Would add every CUDA device to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder Cuda(this Context.Builder builder) => builder;

    /// <summary>The CUDA devices of a context: none.</summary>
    public static Context.DeviceCollection<CudaDevice> GetCudaDevices(this Context context) =>
        context.GetDevices<CudaDevice>();
}
