using System.IO.Compression;
using MnistGpu.Core.Files;
using MnistGpu.Core.Memory;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Data;

/// <summary>
/// A data set in the form of Keras' mnist.npz, which <c>numpy.savez(file, x_train=…, y_train=…, x_test=…, y_test=…)</c> writes:
/// n×28×28 or n×784 integers from 0 to 255, and n labels from 0 to 9.
/// </summary>
internal sealed class KerasFile(string path) : DatasetFile
{
    private const string Wanted = "a data set has x_train, y_train, x_test and y_test";

    public override string Path => path;

    public static bool HasItsName(string path) => path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file has an array of test images, without which it is not a data set.</summary>
    public static bool HoldsImages(string path) => Has(path, "x_test");

    /// <summary>Whether a file is a model file or a checkpoint.</summary>
    public static bool HoldsNetwork(string path) => Has(path, "W1");

    private static bool Has(string path, string array)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using ZipArchive archive = NpzArchive.Open(file);
            return NpzArchive.Has(archive, array);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public override (ImageSet Train, ImageSet Test) Load() => ModelFile.Open(path, "data set", file =>
    {
        using ZipArchive archive = NpzArchive.Open(file);
        return (Read(archive, "train"), Read(archive, "test"));
    });

    public override ImageSet LoadTest() => ModelFile.Open(path, "data set", file =>
    {
        using ZipArchive archive = NpzArchive.Open(file);
        return Read(archive, "test");
    });

    private static ImageSet Read(ZipArchive archive, string part)
    {
        byte[] pixels = [], labels = [];
        NpzArchive.ReadArray(archive, $"x_{part}", Wanted, (array, mostBytes) =>
        {
            // Keras' networks want one channel after the pixels, PyTorch's before them.
            if (array.Shape is not ([>= 1, ImageSet.PixelsPerImage] or [>= 1, ImageSet.Side, ImageSet.Side]
                or [>= 1, ImageSet.Side, ImageSet.Side, 1] or [>= 1, 1, ImageSet.Side, ImageSet.Side]))
                throw new InvalidDataException($"its shape is {NpyArray.ShapeText(array.Shape)}; it should be (n, 28, 28) or (n, 784)");
            pixels = ReadBytes(array, (long)array.Shape[0] * ImageSet.PixelsPerImage, mostBytes);
        });
        int count = pixels.Length / ImageSet.PixelsPerImage;
        NpzArchive.ReadArray(archive, $"y_{part}", Wanted, (array, mostBytes) =>
        {
            if (array.Shape is not ([_] or [_, 1]) || array.Shape[0] != count)
                throw new InvalidDataException($"its shape is {NpyArray.ShapeText(array.Shape)}; with this x_{part} it should be ({count},)"
                    + (array.Shape is [_, > 1] ? $"; save y_{part}.argmax(1)" : ""));
            labels = ReadBytes(array, count, mostBytes);
            IdxFile.EnsureDigits(labels);
        });
        return new ImageSet(pixels, labels);
    }

    private static byte[] ReadBytes(NpyArray array, long count, long mostBytes)
    {
        // No memory is allocated for more than a small file can contain.
        if (count > mostBytes || count > Array.MaxLength)
            throw new EndOfStreamException();
        byte[] bytes = HugePages.NewArray((int)count);
        array.ReadBytes(bytes);
        return bytes;
    }
}
