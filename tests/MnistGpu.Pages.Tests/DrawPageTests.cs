using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Verification;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Pages.Tests;

/// <summary>The page that <c>mnistgpu draw</c> writes, in a real browser.</summary>
public sealed class DrawPageTests(Browser browser, DrawnModel model) : IClassFixture<Browser>, IClassFixture<DrawnModel>
{
    private const int Side = 140;

    /// <summary><c>DRAWINGS=1000</c> in the environment draws so many, and a tenth of them with the pointer.</summary>
    private static readonly int s_drawings = int.Parse(Environment.GetEnvironmentVariable("DRAWINGS") ?? "200");

    [SkippableFact]
    public async Task ThePageMakesOfADrawingWhatPredictDoes()
    {
        int count = s_drawings;
        await using OpenPage open = await browser.OpenAsync(model.Page);
        var drawings = Enumerable.Range(0, count).Select(PenStrokes.Draw).ToArray();
        // Each drawing's ink, its 784 pixels and its ten outputs, as the page's own functions compute them.
        string[][] computed = await open.Page.EvaluateAsync<string[][]>(
            """
            drawings => drawings.map(strokes => {
              ink.fill(0);
              for (const stroke of strokes) {
                const points = stroke.map(([x, y]) => ({ x: onPad(x), y: onPad(y) }));
                points.forEach((point, i) => inkLine(points[Math.max(0, i - 1)], point));
              }
              const pixels = normalize(ink), { outputs } = predict(pixels);
              const base64 = bytes => btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
              return [ink, pixels, new Uint8Array(outputs.buffer)].map(base64);
            })
            """, drawings.Select(drawing => drawing.Strokes).ToArray());

        byte[][] pixels = Array.ConvertAll(computed, drawing => Convert.FromBase64String(drawing[1]));
        int differing = 0;
        Parallel.For(0, count, i =>
        {
            byte[] ink = Convert.FromBase64String(computed[i][0]);
            byte[] expected = DigitNormalizer.ToMnist(
                new GrayImage(Side, Side, Array.ConvertAll(ink, value => (byte)(255 - value))));
            // Predict's paper is a fitted surface, off by a billionth: a pixel that lies half way between two bytes may
            // be rounded either way.
            Assert.All(expected.Zip(pixels[i]), pixel => Assert.InRange(pixel.First - pixel.Second, -1, 1));
            Interlocked.Add(ref differing, expected.Zip(pixels[i]).Count(pixel => pixel.First != pixel.Second));
        });
        Assert.InRange(differing, 0, count * ImageSet.PixelsPerImage / 1000);

        using var engine = new SimdEngine();
        engine.SetParameters(model.Parameters);
        float[] outputs = engine.Predict(pixels.SelectMany(image => image).ToArray());
        for (int i = 0; i < count; i++)
            AssertWithinRounding(
                pixels[i], MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(computed[i][2])), outputs.AsSpan(10 * i, 10));
    }

    /// <summary>Compares the page's outputs, computed in doubles, with the engine's, within what float32 can round.</summary>
    private void AssertWithinRounding(byte[] pixels, ReadOnlySpan<double> ofPage, ReadOnlySpan<float> ofEngine)
    {
        NetworkParameters network = model.Parameters;
        var (h, hError) = (new double[network.Hidden], new double[network.Hidden]);
        for (int j = 0; j < h.Length; j++)
        {
            double z = network.B1[j], terms = Math.Abs(z);
            for (int i = 0; i < pixels.Length; i++)
            {
                double term = pixels[i] / 255.0 * network.W1[i * h.Length + j];
                z += term;
                terms += Math.Abs(term);
            }
            h[j] = 1 / (1 + Math.Exp(-z));
            hError[j] = Rounding.Sigmoid(z, Rounding.Gamma(pixels.Length + 2) * terms);
        }
        for (int k = 0; k < ofPage.Length; k++)
        {
            double z = network.B2[k], terms = Math.Abs(z), error = 0;
            for (int j = 0; j < h.Length; j++)
            {
                double weight = network.W2[j * 10 + k];
                z += h[j] * weight;
                terms += Math.Abs(h[j] * weight);
                error += hError[j] * Math.Abs(weight);
            }
            double bound = Rounding.Sigmoid(z, error + Rounding.Gamma(h.Length + 2) * terms);
            Assert.InRange(ofPage[k] - ofEngine[k], -bound, bound);
        }
    }

    [SkippableFact]
    public async Task DigitsDrawnWithAPointerAreRead()
    {
        int count = s_drawings / 10;
        await using OpenPage open = await browser.OpenAsync(model.Page);
        var wrong = new List<string>();
        for (int i = 0; i < count; i++)
        {
            PenStrokes drawing = PenStrokes.Draw(1000 + i);
            await DrawAsync(open.Page, drawing);
            string verdict = await VerdictAsync(open.Page);
            if (!verdict.Contains($" {drawing.Digit}:"))
                wrong.Add($"{drawing.Digit}: {verdict}");
            await open.Page.Keyboard.PressAsync("Escape");
        }
        Assert.True(wrong.Count <= count / 20, string.Join('\n', wrong));
    }

    /// <summary>What a page has to read from pointers of several kinds, some of them no strokes.</summary>
    [SkippableTheory]
    // The palm lies there before the pen writes, comes while it writes, or between its strokes.
    [InlineData("down(1, 'touch', .9, .95); stroke(7, 'pen', SEVEN); up(1, 'touch', .9, .95);", 1, "")]
    [InlineData("down(7, 'pen', .3, .2); down(1, 'touch', .9, .95); move(7, 'pen', .5, .2); move(1, 'touch', .8, .9); move(7, 'pen', .7, .2); "
        + "move(7, 'pen', .45, .85); up(1, 'touch', .8, .9); up(7, 'pen', .45, .85);", 1, "")]
    [InlineData("stroke(7, 'pen', SEVEN); stroke(1, 'touch', [[.8, .9], [.9, .95]]);", 1, "")]
    // A gesture begins as a stroke.
    [InlineData("down(1, 'touch', .1, .1); move(1, 'touch', .9, .9); cancel(1, 'touch', .9, .9); stroke(2, 'touch', SEVEN);", 1, "")]
    [InlineData("stroke(2, 'touch', SEVEN); down(1, 'touch', .1, .1); move(1, 'touch', .9, .9); cancel(1, 'touch', .9, .9);", 1, "")]
    // A second finger.
    [InlineData("down(1, 'touch', .3, .2); down(2, 'touch', .9, .9); move(2, 'touch', .1, .9); move(1, 'touch', .7, .2); move(1, 'touch', .45, .85); "
        + "up(2, 'touch', .1, .9); up(1, 'touch', .45, .85);", 1, "")]
    [InlineData("stroke(7, 'mouse', [[.2, .2], [.2, .85]]); stroke(7, 'mouse', [[.5, .2], [.85, .2], [.65, .85]]);", 2, "This is 1 7: ")]
    [InlineData("stroke(7, 'mouse', [[.1, .5], [.9, .5]]);", 1, "This is no digit: leave gaps between several, and draw nothing beside them.")]
    [InlineData("stroke(7, 'mouse', [[.5, .1], [.5, .45]]); stroke(7, 'mouse', [[.5, .6], [.5, .95]]);", 2, "This is no digit: ")]
    [InlineData("stroke(7, 'mouse', SEVEN); addEventListener('x', clear); dispatchEvent(new Event('x'));", 0, "Draw a digit")]
    public async Task PointersAreReadAsThePersonMeansThem(string events, int strokes, string verdict)
    {
        const string Script = """
            const SEVEN = [[.3, .2], [.7, .2], [.45, .85]];
            pad.setPointerCapture = () => {};
            const send = name => (pointerId, pointerType, x, y) => {
              const box = pad.getBoundingClientRect();
              pad.dispatchEvent(new PointerEvent(`pointer${name}`, { bubbles: true, cancelable: true, button: 0, buttons: 1, pointerId, pointerType,
                clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
            };
            const [down, move, up, cancel] = ['down', 'move', 'up', 'cancel'].map(send);
            const stroke = (id, type, points) => {
              down(id, type, ...points[0]);
              points.slice(1).forEach(point => move(id, type, ...point));
              up(id, type, ...points.at(-1));
            };
            """;
        await using OpenPage plain = await browser.OpenAsync(model.Page), open = await browser.OpenAsync(model.Page);
        await plain.Page.EvaluateAsync($"() => {{ {Script} stroke(1, 'mouse', SEVEN); }}");

        await open.Page.EvaluateAsync($"() => {{ {Script} {events} }}");

        string expected = verdict.Length > 0 ? verdict : await VerdictAsync(plain.Page);
        Assert.StartsWith(expected, await VerdictAsync(open.Page));
        Assert.Equal(strokes, await open.Page.Locator("#pad polyline").CountAsync());
        if (verdict.Length == 0)
            Assert.Equal(await PictureAsync(plain.Page, "#seen"), await PictureAsync(open.Page, "#seen"));
    }

    /// <summary>As <c>predict</c> refuses a picture of which no output says much.</summary>
    [SkippableFact]
    public async Task WhatNoOutputSpeaksForIsCalledUnsure()
    {
        await using OpenPage open = await browser.OpenAsync(model.Page);
        // Biases that hold all outputs down.
        await open.Page.EvaluateAsync("b2.fill(-20)");

        await DrawAsync(open.Page, PenStrokes.Draw(1000));

        Assert.Matches(@"^Unsure: it may be an? \d: ", await VerdictAsync(open.Page));
        Assert.Equal($"{DigitNormalizer.LeastOutput}", $"{await open.Page.EvaluateAsync<float>("LEAST_OUTPUT")}");
    }

    [SkippableFact]
    public async Task TheVerdictKeepsClearOfTheFirstBar()
    {
        await using OpenPage open = await browser.OpenAsync(model.Page, 360);
        await open.Page.EvaluateAsync("byId('verdict').textContent = 'This is no digit: leave gaps between several, and draw nothing beside them.'");
        LocatorBoundingBoxResult verdict = (await open.Page.Locator("#verdict").BoundingBoxAsync())!;

        Assert.InRange((await open.Page.Locator("#bars").BoundingBoxAsync())!.Y - verdict.Y - verdict.Height, 8, 40);
    }

    [SkippableFact]
    public async Task BarsPictureAndUnitsFollowThePen()
    {
        await using OpenPage open = await browser.OpenAsync(model.Page);
        IPage page = open.Page;
        string blankUnits = await PictureAsync(page, "#units"), blankSeen = await PictureAsync(page, "#seen");
        LocatorBoundingBoxResult pad = (await page.Locator("#pad").BoundingBoxAsync())!;

        await page.Mouse.MoveAsync(pad.X + pad.Width / 2, pad.Y + 60);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(pad.X + pad.Width / 2, pad.Y + pad.Height - 60, new() { Steps = 5 });

        // Live while the pen is down; the words come when it is lifted.
        Assert.Equal(10, await page.Locator("#bars .bar").CountAsync());
        Assert.Equal("1", await page.Locator("#bars dt.best").TextContentAsync());
        Assert.NotEqual(blankSeen, await PictureAsync(page, "#seen"));
        Assert.NotEqual(blankUnits, await PictureAsync(page, "#units"));
        Assert.StartsWith("Draw a digit", await VerdictAsync(page));
        await page.Mouse.UpAsync();
        Assert.StartsWith("This is a 1: ", await VerdictAsync(page));
    }

    [SkippableFact]
    public async Task AUnitShowsItsWeightsUnderThePointerAndByKeyboard()
    {
        await using OpenPage open = await browser.OpenAsync(model.Page);
        IPage page = open.Page;
        string first = await PictureAsync(page, "#unit");

        await page.Locator("#units").HoverAsync(new() { Position = new() { X = 135, Y = 135 } });
        string hovered = await PictureAsync(page, "#unit");
        // The middle of ten by ten.
        Assert.StartsWith("Unit 45, active ", await page.Locator("#about").TextContentAsync());
        await page.Locator("#choice").PressAsync("ArrowRight");

        Assert.StartsWith("Unit 46, active ", await page.Locator("#about").TextContentAsync());
        Assert.Equal(3, new HashSet<string> { first, hovered, await PictureAsync(page, "#unit") }.Count);
    }

    [SkippableFact]
    public async Task TheKeyboardAndAScreenReaderCanClearAndRead()
    {
        await using OpenPage open = await browser.OpenAsync(model.Page);
        IPage page = open.Page;
        await DrawAsync(page, PenStrokes.Draw(1000));

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(new Regex("This is a 0"));
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Clear" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(new Regex("Draw a digit"));
        Assert.Equal(0, await page.Locator("#pad polyline").CountAsync());
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Slider, new() { Name = "Hidden unit" })).ToBeFocusedAsync();
    }

    [SkippableTheory]
    [InlineData(360)]
    [InlineData(1280)]
    public async Task NothingIsWiderThanTheScreen(int width)
    {
        await using OpenPage open = await browser.OpenAsync(model.Page, width);
        Assert.Equal(width, await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        LocatorBoundingBoxResult pad = (await open.Page.Locator("#pad").BoundingBoxAsync())!;
        Assert.InRange(pad.Width, 300, 460);
    }

    [Fact]
    public void ThePageIsOneSmallFile()
    {
        string page = File.ReadAllText(model.Page);
        Assert.InRange(page.Length, 420_000, 460_000);
        Assert.Contains("default-src 'none'", page);
        Assert.DoesNotMatch(@"\b(src|href)=", page);
    }

    private static async Task DrawAsync(IPage page, PenStrokes drawing)
    {
        LocatorBoundingBoxResult pad = (await page.Locator("#pad").BoundingBoxAsync())!;
        foreach (double[][] stroke in drawing.Strokes)
        {
            await MoveAsync(stroke[0]);
            await page.Mouse.DownAsync();
            // A quick hand: the browser sees every second point.
            for (int i = 2; i < stroke.Length + 1; i += 2)
                await MoveAsync(stroke[Math.Min(i, stroke.Length - 1)]);
            await page.Mouse.UpAsync();
        }

        Task MoveAsync(double[] point) =>
            page.Mouse.MoveAsync((float)(pad.X + point[0] * pad.Width), (float)(pad.Y + point[1] * pad.Height));
    }

    private static async Task<string> VerdictAsync(IPage page) => (await page.Locator("#verdict").TextContentAsync())!;

    private static Task<string> PictureAsync(IPage page, string canvas) =>
        page.Locator(canvas).EvaluateAsync<string>("canvas => canvas.toDataURL()");
}
