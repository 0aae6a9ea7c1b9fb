using System.Collections.Immutable;
using ILGPU.Runtime;

namespace ILGPU;

public sealed partial class Context
{
    /// <summary>The devices of one kind in a context.</summary>
    /// <typeparam name="TDevice">The kind.</typeparam>
    public readonly ref struct DeviceCollection<TDevice>
        where TDevice : Device
    {
        private readonly ImmutableArray<TDevice> _devices;

        internal DeviceCollection(ImmutableArray<TDevice> devices) => _devices = devices;

        /// <summary>The number of devices.</summary>
        public int Count => _devices.Length;

        /// <summary>The n-th device, counted from 0.</summary>
        /// <exception cref="NotSupportedException">There is no such device.</exception>
        public TDevice this[int deviceIndex] => deviceIndex >= 0 && deviceIndex < Count
            ? _devices[deviceIndex]
            : throw new NotSupportedException(
                $"There is no {typeof(TDevice).Name} {deviceIndex}: the context has {Count}.");

        /// <summary>Enumerates the devices.</summary>
        public Enumerator GetEnumerator() => new(_devices);

        /// <summary>Goes through the devices.</summary>
        public ref struct Enumerator
        {
            private ImmutableArray<TDevice>.Enumerator _enumerator;

            internal Enumerator(ImmutableArray<TDevice> devices) => _enumerator = devices.GetEnumerator();

            /// <summary>The device that it stands at.</summary>
            public readonly TDevice Current => _enumerator.Current;

            /// <summary>Goes to the next device.</summary>
            /// <returns>false when there is none.</returns>
            public bool MoveNext() => _enumerator.MoveNext();
        }
    }
}
