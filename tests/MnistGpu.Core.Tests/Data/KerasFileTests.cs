using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Data;

/// <summary>Data sets that NumPy saved, as Keras' mnist.npz.</summary>
public sealed class KerasFileTests : DigitFolders
{
    private string Save(string name, string arrays)
    {
        string path = Path.Combine(MakeFolder("keras"), name);
        NumPy.Run("-c", $"""
            import numpy as np, sys
            r = np.random.default_rng(1)
            x, y = r.integers(0, 256, (7, 28, 28)).astype('uint8'), (np.arange(7) % 10).astype('uint8')
            numpy = np
            np.savez(sys.argv[1], {arrays})
            np.savetxt(sys.argv[1] + '.txt', np.concatenate([y.reshape(-1, 1), x.reshape(7, -1)], 1), '%d', delimiter=',')
            """, path);
        return path;
    }

    [SkippableTheory]
    [InlineData("x_train=x, y_train=y, x_test=x[:3], y_test=y[:3]")]
    [InlineData("x_train=x.reshape(7, 784), y_train=y.reshape(7, 1), x_test=x[:3].reshape(3, 28, 28, 1), y_test=y[:3].astype('int64')")]
    [InlineData("x_train=x.reshape(7, 1, 28, 28).astype('float32'), y_train=y.astype('>i4'), x_test=x[:3].astype('int16'), y_test=y[:3].astype('float64')")]
    public void ArraysAreReadAsNumPySavesThem(string arrays)
    {
        string path = Save("mnist.npz", arrays);
        byte[][] rows = [.. File.ReadAllLines(path + ".txt").Select(line => line.Split(',').Select(byte.Parse).ToArray())];
        // A network beside it is no second set.
        ModelFile.Save(Path.Combine(Path.GetDirectoryName(path)!, "model.npz"), GlorotInitializer.Draw(hidden: 2, seed: 1));

        foreach (string named in new[] { path, Path.GetDirectoryName(path)! })
        {
            MnistDataset dataset = MnistFolder.Load(named);
            Assert.Equal(rows.SelectMany(row => row[1..]), dataset.Train.Pixels);
            Assert.Equal(rows.Select(row => row[0]), dataset.Train.Labels);
            Assert.Equal(dataset.Train.Take(3).Pixels, dataset.Test.Pixels);
            Assert.Equal(("keras", 3), (dataset.Name, MnistFolder.LoadTest(named).Test.Count));
        }
        Assert.True(MnistFolder.HoldsDataset(Path.GetDirectoryName(path)!));
    }

    [SkippableTheory]
    [InlineData("a=x", "array x_train is missing; a data set has x_train, y_train, x_test and y_test, this file has a")]
    [InlineData("x_train=x[:, :14], y_train=y, x_test=x, y_test=y", "array x_train: its shape is (7, 14, 28); it should be (n, 28, 28) or (n, 784)")]
    [InlineData("x_train=x / 255, y_train=y, x_test=x, y_test=y", "which is not a whole number from 0 to 255; save (255 * x).round().astype('uint8')")]
    [InlineData("x_train=x.astype('int64') * 2, y_train=y, x_test=x, y_test=y", "which is not a whole number from 0 to 255")]
    [InlineData("x_train=x, y_train=y[:4], x_test=x, y_test=y", "array y_train: its shape is (4,); with this x_train it should be (7,)")]
    [InlineData("x_train=x, y_train=np.eye(10)[y], x_test=x, y_test=y", "array y_train: its shape is (7, 10); with this x_train it should be (7,); save y_train.argmax(1)")]
    [InlineData("x_train=x, y_train=y, x_test=x, y_test=y + 9", "array y_test: label 1 (counted from 0) is 10; a digit is 0 to 9")]
    [InlineData("x_train=np.asfortranarray(x), y_train=y, x_test=x, y_test=y", "array x_train: it is in Fortran order; save numpy.ascontiguousarray of it")]
    [InlineData("x_train=np.array([x, None], object), y_train=y, x_test=x, y_test=y", "array x_train: it holds pickled Python objects, which are never loaded")]
    public void WhatIsWrongIsNamed(string arrays, string problem)
    {
        string path = Save("mnist.npz", arrays);

        string message = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(path)).Message;

        Assert.StartsWith($"{path} is not a usable data set: array ", message);
        Assert.Contains(problem, message);
        Assert.DoesNotContain("fetch", message);
    }

    [SkippableFact]
    public void AnyDamageIsNoticed()
    {
        string path = Save("mnist.npz", "x_train=x, y_train=y, x_test=x, y_test=y");
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at += 61)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x55;
            File.WriteAllBytes(path, damaged);
            try
            {
                // What is left are a date, a version, or attributes.
                Assert.Equal(7, MnistFolder.Load(path).Train.Count);
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                Assert.Contains(path, exception.Message);
            }
            File.WriteAllBytes(path, whole[..at]);
            Assert.Contains(path, Assert.ThrowsAny<Exception>(() => MnistFolder.Load(path)).Message);
        }
    }
}
