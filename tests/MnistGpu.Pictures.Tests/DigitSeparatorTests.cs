using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Pictures.Tests;

public class DigitSeparatorTests
{
    private const int Side = 160;

    private static readonly ImageSet s_digits = GeneratedDigits.Draw(seed: 1, train: 10, test: 40).Test;

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void DigitsSideBySideAreEachWhatTheyAreAlone(int count)
    {
        GrayImage row = Draw(count * 28 + 12, 40, (x, y) =>
            y is >= 6 and < 34 && x is >= 6 && x < 6 + 28 * count ? Ink((x - 6) / 28, (x - 6) % 28, y - 6) : 0);

        IReadOnlyList<byte[]> digits = DigitNormalizer.EachToMnist(row);

        Assert.Equal(count, digits.Count);
        for (int i = 0; i < count; i++)
        {
            byte[] alone = DigitNormalizer.ToMnist(Draw(40, 40, (x, y) =>
                x is >= 6 and < 34 && y is >= 6 and < 34 ? Ink(i, x - 6, y - 6) : 0));
            // Ink is all or nothing, so that full ink is the same in both.
            Assert.InRange(digits[i].Zip(alone, (a, b) => Math.Abs(a - b)).Max(), 0, 2);
        }
        Assert.Contains($"There are {count} digits in it;",
            Assert.Throws<InvalidDataException>(() => DigitNormalizer.ToMnist(row, "it")).Message);
    }

    public static TheoryData<string, Func<int, int, bool>> NoDigits => new()
    {
        // Hatched both ways, a page of dashes, a blot.
        { "it is full of marks", (x, y) => Inside(x, y) && ((x + y) % 16 < 4 || (x - y + Side) % 16 < 4) },
        { "it is full of marks", (x, y) => Inside(x, y) && x % 24 < 14 && y % 16 < 4 },
        { "it is full of marks", (x, y) => x is >= 40 and < 110 && y is >= 40 and < 120 },
        // A dash, and two crosses one above the other.
        { "the ink is too wide for a digit", (x, y) => x is >= 20 and < 140 && y is >= 70 and < 80 },
        { "there are marks above one another", (x, y) => Cross(x - 80, y - 45) || Cross(x - 80, y - 110) },
        // A one, a cross, and a comma between them.
        { "there are several, and marks beside them", (x, y) => x is >= 30 and < 36 && y is >= 40 and < 120
            || Cross(x - 110, y - 80) || x is >= 60 and < 68 && y is >= 108 and < 126 },
    };

    [Theory]
    [MemberData(nameof(NoDigits))]
    public void WhatIsNoDigitIsRefusedWithTheReason(string reason, Func<int, int, bool> isInk)
    {
        var exception = Assert.Throws<InvalidDataException>(
            () => DigitNormalizer.EachToMnist(Draw(Side, Side, (x, y) => isInk(x, y) ? 255 : 0), "it"));

        Assert.StartsWith($"No digit found in it: {reason}", exception.Message);
    }

    private static bool Inside(int x, int y) => x is >= 10 and < Side - 10 && y is >= 10 and < Side - 10;

    private static bool Cross(int x, int y) => Math.Abs(x) < 25 && Math.Abs(y) < 25 && (Math.Abs(x) < 4 || Math.Abs(y) < 4);

    private static int Ink(int image, int x, int y) => s_digits.Image(image)[28 * y + x] > 127 ? 255 : 0;

    private static GrayImage Draw(int width, int height, Func<int, int, int> ink) =>
        new(width, height, [.. Enumerable.Range(0, width * height).Select(i => (byte)(255 - ink(i % width, i / width)))]);
}
