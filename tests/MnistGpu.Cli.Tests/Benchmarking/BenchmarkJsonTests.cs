using System.Text.Json;
using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class BenchmarkJsonTests
{
    [Fact]
    public void ScriptsFindTheFiguresByTheirNames()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "report.json");

        JsonFile.Write(file, FakeMeasurements.Report(
            FakeMeasurements.Of("cpu", 0.5), FakeMeasurements.Of("ilgpu-cpu", 2, simulatesGpu: true)),
            BenchmarkJson.Default.BenchmarkReport);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("complete").GetBoolean());
        JsonElement machine = root.GetProperty("machine");
        Assert.Equal(8, machine.GetProperty("cores").GetInt32());
        Assert.Equal(256, machine.GetProperty("simdBits").GetInt32());
        Assert.Equal("cuda:0", machine.GetProperty("accelerators")[0].GetProperty("device").GetString());
        Assert.Equal("1.5.3", machine.GetProperty("ilgpu").GetString());
        Assert.Equal(1000, root.GetProperty("settings").GetProperty("dataset").GetProperty("train").GetInt32());
        Assert.Equal(2, root.GetProperty("results").GetArrayLength());
        Assert.StartsWith("cpu is 4.0× faster", root.GetProperty("conclusions")[0].GetString());

        JsonElement cpu = root.GetProperty("results")[0];
        Assert.Equal(0.5, cpu.GetProperty("secondsPerEpoch").GetProperty("median").GetDouble());
        Assert.Equal(0.01, cpu.GetProperty("secondsPerEpoch").GetProperty("spread").GetDouble(), 0.005 + 1e-9);
        Assert.Equal(2000, cpu.GetProperty("imagesPerSecond").GetDouble());
        Assert.Equal(3, cpu.GetProperty("samples").GetArrayLength());
        Assert.Equal(0.9125, cpu.GetProperty("testAccuracy")[1].GetDouble());
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("launchShare").ValueKind);
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("error").ValueKind);

        JsonElement simulated = root.GetProperty("results")[1];
        Assert.True(simulated.GetProperty("simulatesGpu").GetBoolean());
        Assert.Equal(0.25, simulated.GetProperty("launchShare").GetDouble(), 1e-6);
        Assert.Equal(48, simulated.GetProperty("launchesPerEpoch").GetDouble());
        Assert.Equal(4004, simulated.GetProperty("bytesToDevicePerEpoch").GetDouble());
    }
}
