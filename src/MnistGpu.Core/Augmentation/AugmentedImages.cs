using MnistGpu.Core.Data;

namespace MnistGpu.Core.Augmentation;

/// <summary>
/// Distortions of the training images, new ones every epoch. Cores that training leaves idle draw ahead; when an epoch
/// begins, all cores draw what it still lacks.
/// </summary>
internal sealed class AugmentedImages(ImageSet images, int seed, int cores) : IDisposable
{
    /// <summary>Threads that train.</summary>
    private const int TrainingThreads = 2;

    private readonly byte[][] _buffers = [new byte[images.Pixels.Length], []];
    private Drawing? _ahead;

    public int Seed => seed;

    /// <summary>The pixels of an epoch's images. They are overwritten from the epoch after the next on.</summary>
    /// <param name="epoch">From 0; the next call is expected to ask for the following one.</param>
    public byte[] Draw(int epoch)
    {
        Drawing drawing = _ahead?.Epoch == epoch ? _ahead : new Drawing(images, seed, epoch, _buffers[0]);
        // Wait for whatever is being drawn ahead: it may be for another epoch, and writes to a buffer.
        _ahead?.Finish(cores);
        drawing.Finish(cores);

        int idle = cores - TrainingThreads;
        if (idle > 0)
        {
            int other = drawing.Target == _buffers[0] ? 1 : 0;
            if (_buffers[other].Length == 0)
                _buffers[other] = new byte[images.Pixels.Length];
            _ahead = new Drawing(images, seed, epoch + 1, _buffers[other]);
            _ahead.Start(idle);
        }
        return drawing.Target;
    }

    /// <summary>Stops drawing ahead, and returns when its threads have ended.</summary>
    public void Dispose() => _ahead?.Stop();

    /// <summary>The images of one epoch, drawn by any number of threads.</summary>
    private sealed class Drawing(ImageSet images, int seed, int epoch, byte[] target)
    {
        /// <summary>Images that a thread takes at a time: a quarter of a millisecond of work.</summary>
        private const int Chunk = 64;

        private readonly List<Thread> _threads = [];
        private int _next;
        private volatile bool _stopped;

        public int Epoch => epoch;

        public byte[] Target => target;

        public void Start(int threads)
        {
            for (int i = 0; i < threads; i++)
            {
                var thread = new Thread(Work) { IsBackground = true, Name = "MnistGpu distortions" };
                _threads.Add(thread);
                thread.Start();
            }
        }

        /// <summary>Returns when all images are drawn, by this many threads including the calling one.</summary>
        public void Finish(int threads)
        {
            if (_next < images.Count)
                Start(threads - 1 - _threads.Count);
            Work();
            _threads.ForEach(thread => thread.Join());
        }

        public void Stop()
        {
            _stopped = true;
            _threads.ForEach(thread => thread.Join());
        }

        private void Work()
        {
            int first;
            while (!_stopped && (first = Interlocked.Add(ref _next, Chunk) - Chunk) < images.Count)
                for (int i = first; i < Math.Min(first + Chunk, images.Count); i++)
                    Distortion.Draw(
                        images.Image(i), seed, epoch, i,
                        target.AsSpan(i * ImageSet.PixelsPerImage, ImageSet.PixelsPerImage));
        }
    }
}
