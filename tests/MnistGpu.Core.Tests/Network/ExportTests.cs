using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;

namespace MnistGpu.Core.Tests.Network;

/// <summary>What other programs read in the files that are written for them.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OnnxRuntimeComputesTheSameScoresOfEveryTestImage()
    {
        MnistDataset dataset = Mnist.Find() is string found
            ? MnistFolder.Load(found)
            : GeneratedDigits.Draw(seed: 1, train: 20_000, test: 10_000);
        NetworkParameters parameters = Trained(dataset);
        string file = Path.Combine(_folder.Path, "model.onnx");
        ModelFile.Save(file, parameters);
        using var reference = new ReferenceEngine();
        reference.SetParameters(parameters);

        using var session = new InferenceSession(file);
        float[] pixels = [.. dataset.Test.Pixels.Select(pixel => pixel / 255f)];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [dataset.Test.Count, 784]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results =
            session.Run(options, new Dictionary<string, OrtValue> { ["pixels"] = input }, ["scores"]);

        Assert.Equal([dataset.Test.Count, 10], results[0].GetTensorTypeAndShape().Shape);
        float[] expected = reference.Predict(dataset.Test.Pixels);
        float[] actual = results[0].GetTensorDataAsSpan<float>().ToArray();
        for (int image = 0; image < dataset.Test.Count; image++)
        {
            double[] bounds = RoundingBounds(parameters, dataset.Test.Image(image));
            for (int k = 0; k < 10; k++)
                Assert.InRange(Math.Abs(expected[image * 10 + k] - actual[image * 10 + k]), 0, bounds[k]);
        }
    }

    /// <summary>
    /// How far ten outputs of one image may be from the exact ones where all is computed in float32: a sum of n products has an
    /// error of at most γ(n + 2) times the sum of their magnitudes (the products, the bias and x = byte/255 are rounded, too).
    /// </summary>
    private static double[] RoundingBounds(NetworkParameters network, ReadOnlySpan<byte> image)
    {
        byte[] pixels = image.ToArray();
        int hidden = network.B1.Length;
        int[] lit = [.. Enumerable.Range(0, 784).Where(pixel => pixels[pixel] > 0)];
        var h = new double[hidden];
        var hError = new double[hidden];
        for (int j = 0; j < hidden; j++)
        {
            double z = network.B1[j], magnitude = Math.Abs(z);
            foreach (int pixel in lit)
            {
                double product = pixels[pixel] / 255.0 * network.W1[pixel * hidden + j];
                z += product;
                magnitude += Math.Abs(product);
            }
            h[j] = 1 / (1 + Math.Exp(-z));
            hError[j] = SigmoidError(z, Rounding.Gamma(lit.Length + 2) * magnitude);
        }

        var bounds = new double[10];
        for (int k = 0; k < 10; k++)
        {
            double z = network.B2[k], magnitude = Math.Abs(z), zError = 0;
            for (int j = 0; j < hidden; j++)
            {
                double weight = network.W2[j * 10 + k];
                z += h[j] * weight;
                magnitude += (h[j] + hError[j]) * Math.Abs(weight);
                zError += hError[j] * Math.Abs(weight);
            }
            bounds[k] = SigmoidError(z, zError + Rounding.Gamma(hidden + 2) * magnitude);
        }
        return bounds;
    }

    /// <summary>ONNX Runtime computes σ as ½ + p/q, so its rounding is relative to ½ even where σ is small.</summary>
    private static double SigmoidError(double z, double zError) => Rounding.Sigmoid(z, zError) + 4 * Rounding.Unit;

    [Fact]
    public void ASafetensorsFileHoldsTheArraysWhereItsHeaderSays()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 7, seed: 1);
        string file = Path.Combine(_folder.Path, "model.safetensors");
        ModelFile.Save(file, parameters);

        byte[] bytes = File.ReadAllBytes(file);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonElement header = JsonDocument.Parse(bytes.AsMemory(8, length)).RootElement;
        byte[] data = bytes[(8 + length)..];
        int read = 0;
        foreach ((string name, float[] elements, int[] shape) in (ReadOnlySpan<(string, float[], int[])>)
            [("W1", parameters.W1, [784, 7]), ("b1", parameters.B1, [7]), ("W2", parameters.W2, [7, 10]), ("b2", parameters.B2, [10])])
        {
            JsonElement array = header.GetProperty(name);
            int[] offsets = array.GetProperty("data_offsets").Deserialize<int[]>()!;
            Assert.Equal("F32", array.GetProperty("dtype").GetString());
            Assert.Equal(shape, array.GetProperty("shape").Deserialize<int[]>());
            Assert.Equal(elements, MemoryMarshal.Cast<byte, float>(data.AsSpan(offsets[0]..offsets[1])));
            read += offsets[1] - offsets[0];
        }
        Assert.Equal(data.Length, read);
        Assert.Equal(0, length % 8);
    }

    /// <summary>The format's fields 1 and 8.2, at the file's beginning and end: what programs of some years ago read, too.</summary>
    [Fact]
    public void AnOnnxModelAsksForNoMoreThanIr8AndOpset13()
    {
        string file = Path.Combine(_folder.Path, "model.onnx");
        ModelFile.Save(file, GlorotInitializer.Draw(hidden: 2, seed: 1));

        byte[] bytes = File.ReadAllBytes(file);
        Assert.Equal([0x08, 8], bytes[..2]);
        Assert.Equal([0x42, 2, 0x10, 13], bytes[^4..]);
    }

    [Fact]
    public void ASafetensorsFileIsReadBackWhateverItIsCalled()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 7, seed: 1);
        string file = Path.Combine(_folder.Path, "model.safetensors"), renamed = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(file, parameters);
        File.Copy(file, renamed);

        foreach (string path in (string[])[file, renamed])
        {
            NetworkParameters loaded = ModelFile.Load(path);
            Assert.Equal(parameters.W1, loaded.W1);
            Assert.Equal(parameters.B1, loaded.B1);
            Assert.Equal(parameters.W2, loaded.W2);
            Assert.Equal(parameters.B2, loaded.B2);
        }
    }

    [Theory]
    [InlineData("\"W1\"", "\"V1\"", "array W1 is missing; a model has W1, b1, W2 and b2, this file has V1, W2, b1, b2")]
    [InlineData("[784,7]", "[783,7]", "array W1: its shape is (783, 7); it should be (784, H)")]
    [InlineData("[7,10]", "[7,11]", "array W2: its shape is (7, 11); with this W1 it should be (7, 10)")]
    [InlineData("\"dtype\":\"F32\",\"shape\":[7]", "\"dtype\":\"F64\",\"shape\":[7]", "array b1: its elements are of type F64")]
    [InlineData("[0,21952]", "[4,21952]", "array W1: it is cut short, or its place is wrong")]
    [InlineData("[0,21952]", "[-4,2194]", "array W1: its data_offsets is damaged")]
    [InlineData("\"W2\"", "\"W2 ", "its header is damaged")]
    [InlineData("\"b2\"", "\"W3\"", "one layer too many")]
    public void ADamagedSafetensorsFileIsRefusedForWhatIsWrong(string old, string changed, string message)
    {
        string file = Path.Combine(_folder.Path, "model.safetensors");
        ModelFile.Save(file, GlorotInitializer.Draw(hidden: 7, seed: 1));
        string content = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        Assert.Contains(old, content);
        int length = content[0] + 256 * content[1] + changed.Length - old.Length;
        content = (char)(length % 256) + "" + (char)(length / 256) + content[2..].Replace(old, changed);
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes(content));

        string refused = Assert.Throws<InvalidDataException>(() => ModelFile.Load(file)).Message;
        Assert.StartsWith($"{file} is not a usable model: ", refused);
        Assert.Contains(message, refused);
    }

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.npz.gz")]
    public void AnotherEndingIsRefusedAndNothingIsWritten(string name)
    {
        string file = Path.Combine(_folder.Path, name);

        var exception = Assert.Throws<ArgumentException>(() => ModelFile.Save(file, GlorotInitializer.Draw(hidden: 2, seed: 1)));

        Assert.Contains("use .npz, .onnx or .safetensors", exception.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static NetworkParameters Trained(MnistDataset dataset)
    {
        using var engine = new SimdEngine();
        var trainer = new Trainer(engine, dataset, new TrainingOptions { Epochs = 1 });
        return trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1)).Parameters;
    }
}
