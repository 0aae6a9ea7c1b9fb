using MnistGpu.Core.Data;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Pictures.Tests;

/// <summary>Digits in circles are a kind of <see cref="PhotographedDigits"/>; these have none.</summary>
public class CircleRemoverTests(MnistReader reader) : IClassFixture<MnistReader>
{
    /// <summary>The loop of a 0, 6, 8 or 9 is round too.</summary>
    [SkippableFact]
    public void NoDigitIsTakenForACircle()
    {
        Mnist.Require();
        int count = 50 * MnistReader.PicturesOfAKind;
        int changed = Enumerable.Range(0, Math.Min(count, reader.Test!.Count)).Count(image =>
        {
            var ink = new Plane(ImageSet.Side, ImageSet.Side);
            for (int i = 0; i < ink.Values.Length; i++)
                ink.Values[i] = reader.Test.Image(image)[i] / 255.0;
            ink = ink.Enlarge(6);
            return CircleRemover.Remove(ink) != ink;
        });

        Assert.InRange(changed, 0, count / 500);
    }
}
