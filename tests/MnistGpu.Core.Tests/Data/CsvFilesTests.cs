using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

/// <summary>Data sets in comma-separated values.</summary>
public sealed class CsvFilesTests : DigitFolders
{
    private static readonly string[] s_pixels = [.. Enumerable.Range(0, 784).Select(i => $"pixel{i}")];
    private static readonly ImageSet s_images = RandomImages.Draw(21);

    /// <summary>A row's label and pixels, in any form that a program writes them in.</summary>
    private static string Rows(ImageSet images, Func<string, string[], string[]> columns, string end = "\n") => string.Concat(
        Enumerable.Range(0, images.Count).Select(i => string.Join(',', columns(
            $"{images.Labels[i]}", [.. images.Image(i).ToArray().Select(pixel => $"{pixel}")])) + end));

    private string Write(string name, string content)
    {
        string path = Path.Combine(MakeFolder("csv"), name);
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        using Stream stream = name.EndsWith(".gz") ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        stream.Write(bytes);
        return path;
    }

    private static string Labelled(ImageSet images) => Rows(images, (label, pixels) => [label, .. pixels]);

    private static void AssertEqual(ImageSet expected, ImageSet actual)
    {
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    public static TheoryData<string, string> Forms => new()
    {
        { "mnist_train.csv", Labelled(s_images) },
        { "train.csv", string.Join(',', ["label", .. s_pixels]) + "\n" + Labelled(s_images) },
        { "Train.CSV", "\uFEFF" + string.Join(',', ["Label", .. s_pixels]) + "\r\n" + Rows(s_images, (label, pixels) => [label, .. pixels], "\r\n") },
        { "train.csv.gz", Labelled(s_images)[..^1] },
        { "mnist_train.csv", string.Join(',', ["number", .. s_pixels]) + "\n" + Labelled(s_images) + "\n" },
        // OpenML's, R's and pandas'.
        { "my-train.csv", string.Join(',', [.. s_pixels, "class"]) + "\n" + Rows(s_images, (label, pixels) => [.. pixels, $"'{label}'"]) },
        { "training.csv", string.Join(',', [.. new[] { "label" }.Concat(s_pixels).Select(name => $"\"{name}\"")]) + "\n"
            + Rows(s_images, (label, pixels) => [$"\"{label}\"", .. pixels.Select(pixel => $" {pixel}.0")]) },
        { "train.csv", string.Join(',', ["", "label", .. s_pixels]) + "\n" + Rows(s_images, (label, pixels) => ["17000", label, .. pixels]) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void RowsAreReadAsProgramsWriteThem(string name, string content)
    {
        string train = Write(name, content);
        ImageSet others = RandomImages.Draw(5, seed: 9);
        string test = Write(name.Replace("raining", "est").Replace("rain", "est").Replace(".gz", ""), Labelled(others));

        foreach (string path in new[] { train, test, Path.GetDirectoryName(train)! })
        {
            MnistDataset dataset = MnistFolder.Load(path);
            AssertEqual(s_images, dataset.Train);
            AssertEqual(others, dataset.Test);
            Assert.Equal("csv", dataset.Name);
            AssertEqual(others, MnistFolder.LoadTest(path).Test);
        }
        Assert.True(MnistFolder.HoldsDataset(Path.GetDirectoryName(train)!));
    }

    /// <summary>As for Kaggle's Digit Recognizer, whose test.csv is without, and OpenML's one file.</summary>
    [Theory]
    [InlineData("train.csv", "test.csv", "")]
    [InlineData("train.csv", "test.csv", "id")]
    [InlineData("mnist_784.csv", null, null)]
    public void WhereNothingToTestWithHasLabelsTheLastSeventhIsKeptForThat(string train, string? test, string? number)
    {
        string path = Write(train, Labelled(s_images));
        if (test is not null)
            Write(test, string.Join(',', number == "" ? s_pixels : [number!, .. s_pixels]) + "\n"
                + Rows(s_images, (_, pixels) => number == "" ? pixels : ["0", .. pixels]));

        MnistDataset dataset = MnistFolder.Load(Path.GetDirectoryName(path)!);

        AssertEqual(s_images.Take(18), dataset.Train);
        AssertEqual(new ImageSet(s_images.Pixels[(18 * 784)..], s_images.Labels[18..]), dataset.Test);
        Assert.Equal($"csv (tested on the last seventh of {train})", dataset.Name);
        Assert.Equal((dataset.Name, 3), (MnistFolder.LoadTest(path).Name, MnistFolder.LoadTest(path).Test.Count));
    }

    [Theory]
    [InlineData("1,2,3\n", "a row has 3 values, 3 of them pixels; it should be a label and 784 pixels, with commas between")]
    [InlineData("1;2;3\n", "a row has 1 values, 1 of them pixels; ")]
    [InlineData("{ROW}\n{ROW},5\n", "line 2 has 786 values, the first has 785")]
    [InlineData("{ROW}\n\n{CUT}\n", "line 3 has 784 values, the first has 785")]
    [InlineData("{ROW}\n1,{BAD256}\n", "line 2, column 2: '256' is not a whole number from 0 to 255")]
    [InlineData("{ROW}\n1,{BAD-1}\n", "line 2, column 2: '-1' is not a whole number from 0 to 255")]
    [InlineData("{ROW}\n1,{BAD0.5}\n", "line 2, column 2: '0.5' is not a whole number from 0 to 255")]
    [InlineData("{ROW}\n1,{BAD}\n", "line 2, column 2: '' is not a whole number from 0 to 255")]
    [InlineData("{ROW}\n1,{BAD99999999999999}\n", "line 2, column 2: '99999999999999' is not")]
    [InlineData("1{ROW}\n", "line 1: the label is 17; a digit is 0 to 9 (sets of letters, such as EMNIST's, cannot be read)")]
    [InlineData("{NAMES}\n", "there are no images in it")]
    [InlineData("{NAMES}\n{ROW}\n", "1 images are too few to keep a seventh of them for testing")]
    [InlineData("{LONG}", "line 1 has more than 65,536 bytes; a row is a label and 784 pixels")]
    [InlineData("<html>", "this is a web page, not comma-separated values")]
    [InlineData("", "this is an empty file, or a pipe, which cannot be read here")]
    public void WhatIsWrongIsNamedWithItsLine(string content, string problem)
    {
        string rest = string.Concat(Enumerable.Repeat(",0", 783));
        string path = Write("train.csv", System.Text.RegularExpressions.Regex.Replace(content, "{BAD(.*)}", "$1" + rest)
            .Replace("{ROW}", "7,0" + rest).Replace("{CUT}", "7" + rest)
            .Replace("{NAMES}", string.Join(',', ["label", .. s_pixels])).Replace("{LONG}", new string('1', 200_000)));

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(path));

        Assert.StartsWith($"{path}: {problem}", exception.Message);
    }

    /// <summary>Excel separates by semicolons in half of Europe, and saves "Unicode text" with tabs, in UTF-16.</summary>
    [Theory]
    [InlineData(";", "utf-8", "its values are separated by semicolons; replace those by commas")]
    [InlineData("\t", "utf-8", "its values are separated by tabs; replace those by commas")]
    [InlineData(" ", "utf-8", "its values are separated by spaces; replace those by commas")]
    [InlineData(",", "utf-16", "this is text in UTF-16; save it in UTF-8")]
    [InlineData("\t", "utf-16BE", "this is text in UTF-16; save it in UTF-8")]
    public void AnotherSeparatorOrEncodingIsNamed(string separator, string encoding, string problem)
    {
        string rows = Labelled(s_images), names = string.Join(',', ["label", .. s_pixels]) + "\n";
        foreach (string content in new[] { rows, names + rows, "\uFEFF" + names + rows })
        {
            string path = Path.Combine(MakeFolder("csv"), "train.csv");
            File.WriteAllBytes(path, Encoding.GetEncoding(encoding).GetBytes(content.Replace(",", separator)));

            Assert.Equal($"{path}: {problem}", Assert.Throws<InvalidDataException>(() => MnistFolder.Load(path)).Message);
            Assert.Equal($"{path}: {problem}", Assert.Throws<InvalidDataException>(() => MnistFolder.LoadTest(path)).Message);
        }
    }

    [Fact]
    public void SeveralSetsInAFolderAreNotPickedFromAndWhatHasNoLabelsTestsNothing()
    {
        string one = Write("fashion-train.csv", Labelled(s_images)), other = Write("mnist_train.csv", Labelled(s_images));
        string folder = Path.GetDirectoryName(one)!;
        string test = Path.Combine(MakeFolder("alone"), "test.csv");
        File.WriteAllText(test, Rows(s_images, (_, pixels) => pixels));

        Assert.Equal($"{folder}: there are several data sets in it; name one, such as {one} or {other}",
            Assert.Throws<IOException>(() => MnistFolder.Load(folder)).Message);
        Assert.Equal(21, MnistFolder.Load(one).Train.Count + MnistFolder.Load(one).Test.Count);
        Assert.Equal($"{test}: there is nothing to train on beside it, such as train.csv",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(test)).Message);
        Assert.Equal($"{test}: it has no labels to test with", Assert.Throws<InvalidDataException>(() => MnistFolder.LoadTest(test)).Message);
    }
}
