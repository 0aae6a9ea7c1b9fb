using System.Text.Json;
using Microsoft.Playwright;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Pages.Tests;

/// <summary>The page that <c>sweep --report</c> writes, in a real browser.</summary>
public sealed class SweepPageTests : IClassFixture<Browser>, IDisposable
{
    private readonly Browser _browser;
    private readonly TemporaryFolder _folder = new();

    public SweepPageTests(Browser browser)
    {
        _browser = browser;
        MnistFolder.Save(File("data"), GeneratedDigits.Draw(seed: 1, train: 200, test: 100));
    }

    public void Dispose() => _folder.Dispose();

    private string File(string name) => Path.Combine(_folder.Path, name);

    private JsonElement[] Sweep(params string[] lists)
    {
        MnistGpuRun.Succeed([
            "sweep", "--data", File("data"), "--device", "cpu", "--quiet", "--batch-size", "8", "--seeds", "1-2",
            "--json", File("sweep.json"), "--report", File("sweep.html"), .. lists]);
        return [.. JsonDocument.Parse(System.IO.File.ReadAllBytes(File("sweep.json"))).RootElement.GetProperty("results").EnumerateArray()];
    }

    private static string Mean(JsonElement result, string accuracy = "testAccuracy") => $"{result.GetProperty(accuracy).GetProperty("mean").GetDouble():P2}";

    [SkippableFact]
    public async Task OneListIsACurveOfTheMeans()
    {
        JsonElement[] results = Sweep("--hidden", "4,8,16");

        await using OpenPage open = await _browser.OpenAsync(File("sweep.html"));

        string curve = string.Join(", ", results.OrderBy(result => result.GetProperty("hidden").GetInt32())
            .Select(result => $"{Mean(result)} at {result.GetProperty("hidden")}"));
        Assert.Equal($"mean accuracy: {curve}", await open.Page.GetByRole(AriaRole.Img).GetAttributeAsync("aria-label"));
        Assert.Equal(3, await open.Page.Locator("#plot circle").CountAsync());
        await AssertTableAsync(open.Page, results.Select(result => $"{result.GetProperty("hidden")} {Mean(result)}"));
    }

    [SkippableTheory]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task TwoListsAreAHeatMapWhoseBestCellIsTheDarkest(int width, bool dark)
    {
        JsonElement[] results = Sweep("--hidden", "4,8", "--learning-rate", "0.05,0.1,0.2", "--output", File("best.npz"));

        await using OpenPage open = await _browser.OpenAsync(File("sweep.html"), width, dark);

        ILocator cells = open.Page.Locator("#plot rect");
        Assert.Equal(6, await cells.CountAsync());
        string[] opacities = await open.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('#plot rect')].map(cell => cell.getAttribute('fill-opacity'))");
        // The cells come as the results do, which is best first.
        Assert.Equal(("0.7", "0.06"), (opacities[0], opacities[^1]));
        Assert.Equal(opacities.Select(double.Parse).OrderDescending(), opacities.Select(double.Parse));
        Assert.StartsWith(
            $"hidden units {results[0].GetProperty("hidden")}, learning rate {results[0].GetProperty("learningRate")}: {Mean(results[0], "lastTenthAccuracy")}",
            await open.Page.GetByRole(AriaRole.Img).GetAttributeAsync("aria-label"));
        Assert.Equal(2 + 3, await open.Page.Locator("#plot svg text.quiet").CountAsync());
        Assert.Contains("on which no network was trained", await open.Page.Locator("#order").TextContentAsync());
        Assert.Equal(width, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [SkippableFact]
    public async Task SeedsAloneOrManyListsAreATableAlone()
    {
        foreach (string[] lists in (string[][])[["--hidden", "4"], ["--hidden", "4,5", "--momentum", "0,0.5", "--epochs", "1,2"]])
        {
            JsonElement[] results = Sweep(lists);
            await using OpenPage open = await _browser.OpenAsync(File("sweep.html"));
            Assert.True(await open.Page.Locator("#plot").IsHiddenAsync());
            Assert.Equal(results.Length, await open.Page.Locator("#settings tbody tr").CountAsync());
        }
    }

    private static async Task AssertTableAsync(IPage page, IEnumerable<string> firstCells) => Assert.Equal(
        firstCells,
        await page.EvaluateAsync<string[]>("[...document.querySelectorAll('#settings tbody tr')].map(row => [...row.children].slice(0, 2).map(cell => cell.textContent).join(' '))"));
}
