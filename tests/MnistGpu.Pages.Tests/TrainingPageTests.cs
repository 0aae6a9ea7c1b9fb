using System.Text.Json;
using Microsoft.Playwright;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Pages.Tests;

/// <summary>The page that <c>train --report</c> and <c>evaluate --report</c> write, in a real browser.</summary>
public sealed class TrainingPageTests : IClassFixture<Browser>, IDisposable
{
    private readonly Browser _browser;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageSet _test;

    public TrainingPageTests(Browser browser)
    {
        _browser = browser;
        MnistDataset digits = GeneratedDigits.Draw(seed: 1, train: 600, test: 500);
        MnistFolder.Save(File("data"), digits);
        _test = digits.Test;
    }

    public void Dispose() => _folder.Dispose();

    private string File(string name) => Path.Combine(_folder.Path, name);

    private void Train() => MnistGpuRun.Succeed(
        "train", "--data", File("data"), "--device", "cpu", "--quiet", "--batch-size", "8", "--hidden", "20",
        "--output", File("model.npz"), "--metrics", File("train.json"), "--report", File("report.html"));

    [SkippableFact]
    public async Task TheReportOfATrainingShowsItsFigures()
    {
        Train();
        MnistGpuRun.Succeed(
            "evaluate", "--model", File("model.npz"), "--data", File("data"), "--device", "cpu", "--metrics", File("test.json"));
        JsonElement training = Json("train.json"), test = Json("test.json");

        await using OpenPage open = await _browser.OpenAsync(File("report.html"));
        IPage page = open.Page;

        int wrong = test.GetProperty("digits").EnumerateArray()
            .Sum(digit => digit.GetProperty("images").GetInt32() - digit.GetProperty("right").GetInt32());
        string accuracy = $"{test.GetProperty("testAccuracy").GetDouble():P2}";
        Assert.Equal(
            [accuracy, $"{wrong}", $"{test.GetProperty("testLoss").GetDouble():0.0000}"],
            (await page.Locator("#figures dd").AllTextContentsAsync()).Take(3));
        // The curves, as a screen reader is told of them.
        JsonElement[] history = [.. training.GetProperty("history").EnumerateArray()];
        string curve = string.Join(", ", history.Select((epoch, i) =>
            $"{epoch.GetProperty("testAccuracy").GetDouble():P1} at epoch {i + 1}"));
        Assert.EndsWith($"test: {curve}", await page.GetByRole(AriaRole.Img).Nth(1).GetAttributeAsync("aria-label"));
        Assert.Equal(2, await page.Locator("svg").CountAsync());
        Assert.Matches("test: [0-9.]+ at epoch 1, [0-9.]+ at epoch 2, [0-9.]+ at epoch 3$", await page.GetByRole(AriaRole.Img).Nth(0).GetAttributeAsync("aria-label"));
        Assert.Equal(2 * history.Length, await page.Locator("svg").Nth(0).Locator("circle").CountAsync());

        Assert.Equal(
            test.GetProperty("confusion").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(count => count.GetInt32()),
            (await page.Locator("#confusion td:not(:last-child)").AllTextContentsAsync())
                .Select(text => text.Length == 0 ? 0 : int.Parse(text)));
        Assert.Contains("learning rate", await page.Locator("#settings").TextContentAsync());
    }

    [SkippableFact]
    public async Task MistakesAreShownAsPicturesWithWhatWasSaid()
    {
        Train();
        MnistGpuRun.Succeed(
            "evaluate", "--model", File("model.npz"), "--data", File("data"), "--device", "cpu",
            "--metrics", File("test.json"), "--report", File("report.html"));

        await using OpenPage open = await _browser.OpenAsync(File("report.html"));
        IPage page = open.Page;

        Assert.True(await page.Locator("#history").IsHiddenAsync());
        JsonElement[] mistakes = [.. Json("test.json").GetProperty("mistakes").EnumerateArray()];
        Assert.NotEmpty(mistakes);
        IReadOnlyList<string> captions = await page.Locator("#mistakes figcaption").AllTextContentsAsync();
        Assert.Equal(mistakes.Length, captions.Count);
        // Of each picture its red, which is the grey of the test image.
        byte[][] pictures = (await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('#mistakes canvas')].map(canvas =>
              btoa(String.fromCharCode(...canvas.getContext('2d').getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 === 0))))
            """)).Select(Convert.FromBase64String).ToArray();
        for (int i = 0; i < mistakes.Length; i++)
        {
            int index = mistakes[i].GetProperty("index").GetInt32();
            Assert.StartsWith($"{mistakes[i].GetProperty("label")} → {mistakes[i].GetProperty("said")}", captions[i]);
            Assert.EndsWith($" % #{index}", captions[i]);
            Assert.Equal(_test.Image(index), pictures[i]);
        }
        // Twenty units in five columns, none of them blank.
        Assert.Equal(20, await page.EvaluateAsync<int>(
            """
            () => {
              const { data } = document.getElementById('units').getContext('2d').getImageData(0, 0, 150, 120);
              const lit = new Set();
              data.forEach((value, i) => value && lit.add(Math.floor(i / 4 % 150 / 30) + 5 * Math.floor(i / 600 / 30)));
              return lit.size;
            }
            """));
    }

    [SkippableTheory]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task NothingIsWiderThanTheScreen(int width, bool dark)
    {
        Train();
        await using OpenPage open = await _browser.OpenAsync(File("report.html"), width, dark);
        Assert.Equal(width, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    private JsonElement Json(string name) => JsonDocument.Parse(System.IO.File.ReadAllText(File(name))).RootElement;
}
