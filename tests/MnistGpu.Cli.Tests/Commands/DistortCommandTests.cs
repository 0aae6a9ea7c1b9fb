using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Cli.Tests.Commands;

public class DistortCommandTests
{
    [Fact]
    public void TheSheetShowsTenImagesAndTheirDistortions()
    {
        using var data = new SmallDataset();
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "sheet.png");

        MnistGpuRun run = MnistGpuRun.Succeed("data", "distort", "--data", data.Path, "--output", file);

        Assert.Contains(file, run.Output);
        GrayImage sheet = Picture.Read(file);
        Assert.Equal((11 * 30 * 2, 10 * 30 * 2), (sheet.Width, sheet.Height));
    }
}
