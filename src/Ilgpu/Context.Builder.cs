using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace ILGPU;

public sealed partial class Context
{
    /// <summary>Says which devices a context has, and how it compiles kernels.</summary>
    public sealed class Builder
    {
        internal Builder()
        {
        }

        /// <summary>How exact a kernel's floating-point functions are.</summary>
        public MathMode MathMode { get; private set; }

        /// <summary>How much a kernel is optimised.</summary>
        public OptimizationLevel OptimizationLevel { get; private set; } = OptimizationLevel.Release;

        internal List<Device> Devices { get; } = [];

        /// <summary>The usual settings: every accelerator.</summary>
        /// <returns>This builder.</returns>
        public Builder Default() => AllAccelerators();

        /// <summary>Looks for one CPU device and every OpenCL and CUDA device.</summary>
        /// <returns>This builder.</returns>
        public Builder AllAccelerators() => this.CPU(CPUDeviceKind.Default).OpenCL().Cuda();

        /// <summary>Sets how exact a kernel's floating-point functions are.</summary>
        /// <returns>This builder.</returns>
        public Builder Math(MathMode mathMode)
        {
            MathMode = mathMode;
            return this;
        }

        /// <summary>Sets how much a kernel is optimised.</summary>
        /// <returns>This builder.</returns>
        public Builder Optimize(OptimizationLevel level)
        {
            OptimizationLevel = level;
            return this;
        }

        internal void Add(Device device)
        {
            ArgumentNullException.ThrowIfNull(device);
            if (!Devices.Contains(device))
                Devices.Add(device);
        }
    }
}
