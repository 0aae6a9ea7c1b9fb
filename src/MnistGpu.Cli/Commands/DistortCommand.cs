using System.CommandLine;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using SixLabors.ImageSharp.Processing.Processors.Transforms;

namespace MnistGpu.Cli.Commands;

/// <summary>
/// <c>mnistgpu data distort</c>: a sheet of what <c>train --augment</c> trains on, ten images with ten distortions each.
/// </summary>
internal static class DistortCommand
{
    private const int Images = 10, Epochs = 10, Side = 28, Cell = Side + 2, Zoom = 2;

    public static Command Create(Terminal terminal)
    {
        Option<string?> data = CommonOptions.Data();
        Option<string?> output = CommonOptions.Written("--output", ".png", "The picture to write, as PNG");
        output.DefaultValueFactory = _ => "distortions.png";
        Option<int> seed = CommonOptions.Integer("--seed", "Seed of the distortions", 1, 0);
        var command = new CommandWithExamples("distort", "Draw distortions of some images, as train --augment does",
            "mnistgpu data distort",
            "mnistgpu data distort --data generated --output sheet.png")
        {
            data, output, seed,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(output)!;
            terminal.EnsureWritable(file);
            using Image<L8> sheet = Draw(DatasetSource.Load(parsed.GetValue(data), terminal).Train, parsed.GetValue(seed));
            AtomicFile.Write(file, sheet.SaveAsPng);
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.WriteLine($"The sheet was written to {file}: an image and {Epochs} distortions of it in each row.");
            return 0;
        });
        return command;
    }

    private static Image<L8> Draw(ImageSet images, int seed)
    {
        var sheet = new Image<L8>((1 + Epochs) * Cell, Math.Min(Images, images.Count) * Cell, new L8(64));
        var pixels = new byte[ImageSet.PixelsPerImage];
        for (int row = 0; row < sheet.Height / Cell; row++)
            for (int column = 0; column <= Epochs; column++)
            {
                if (column == 0)
                    images.Image(row).CopyTo(pixels);
                else
                    Distortion.Draw(images.Image(row), seed, epoch: column - 1, row, pixels);
                for (int p = 0; p < pixels.Length; p++)
                    sheet[column * Cell + 1 + p % Side, row * Cell + 1 + p / Side] = new L8(pixels[p]);
            }
        sheet.Mutate(context => context.Resize(sheet.Width * Zoom, sheet.Height * Zoom, new NearestNeighborResampler()));
        return sheet;
    }
}
