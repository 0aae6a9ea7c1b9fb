using MnistGpu.Core.Data;
using MnistGpu.Core.Training;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using Xunit.Abstractions;

namespace MnistGpu.Pictures.Tests;

/// <summary>How many pictures of each kind a network reads right that was trained on MNIST.</summary>
public class PhotographedDigitsTests(MnistReader reader, ITestOutputHelper output) : IClassFixture<MnistReader>
{
    public static IEnumerable<object[]> Kinds => PhotographedDigits.Kinds.Keys.Select(kind => new object[] { kind });

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void NearlyAllAreReadRight(string kind)
    {
        Mnist.Require();
        int count = MnistReader.PicturesOfAKind;
        var random = new Random(1);
        int right = 0, refused = 0;
        for (int picture = 0; picture < count; picture++)
        {
            int image = reader.NextThatIsReadRight(random);
            GrayImage photograph = PhotographedDigits.Kinds[kind](reader.Test!.Image(image).ToArray(), random);
            try
            {
                float[] outputs = reader.Outputs(DigitNormalizer.ToMnist(photograph));
                if (outputs.Max() < DigitNormalizer.LeastOutput)
                    refused++;
                else if (Evaluation.Digit(outputs) == reader.Test.Labels[image])
                    right++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        int wrong = count - right - refused;
        output.WriteLine($"{kind}: of {count}, {right} right, {refused} refused, {wrong} wrong");
        // Broken and ragged strokes cost twice as many. Of few pictures, chance may take one more.
        int ragged = kind is "chalk" or "pencil" ? 2 : 1;
        Assert.InRange(right, count - Math.Max(2, ragged * count / 20), count);
        Assert.InRange(wrong, 0, Math.Max(1, ragged * count / 50));
    }
}
