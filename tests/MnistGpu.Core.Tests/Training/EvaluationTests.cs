using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public class EvaluationTests
{
    [Fact]
    public void CountsHitsLossAndConfusion()
    {
        var outputs = new float[30];
        outputs[3] = 1;             // image 0 is taken for 3 and is a 3
        outputs[10 + 7] = 0.5f;     // image 1 is taken for 7 and is a 1
        Array.Fill(outputs, 0.25f, 20, 10); // image 2: no output is the largest, the first counts; it is a 0
        Evaluation evaluation = Evaluation.Of(outputs, [3, 1, 0]);

        Assert.Equal(3, evaluation.Images);
        Assert.Equal(2, evaluation.Hits);
        Assert.Equal(1, evaluation.Confusion[3, 3]);
        Assert.Equal(1, evaluation.Confusion[1, 7]);
        Assert.Equal(1, evaluation.Confusion[0, 0]);
        double loss = (0 + (0.25 + 1) / 2 + (9 * 0.0625 + 0.5625) / 2) / 3;
        Assert.Equal(loss, evaluation.MeanLoss, 1e-12);
        Assert.Equal(2.0 / 3, evaluation.Accuracy, 1e-12);
    }

    [Fact]
    public void CountsThatDisagreeAreRefused() =>
        Assert.Throws<ArgumentException>(() => Evaluation.Of(new float[20], [1]));
}
