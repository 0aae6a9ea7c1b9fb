using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly MnistDataset s_dataset = GeneratedDigits.Draw(seed: 2, train: 300, test: 50);
    private static readonly NetworkParameters s_initial = GlorotInitializer.Draw(hidden: 20, seed: 1);
    private static readonly TrainingOptions s_options =
        new TrainingOptions { Epochs = 4, BatchSize = 32, Momentum = 0.8, Augment = true }.WithDefaultRates(20, s_dataset.Train);

    private static readonly TrainingData s_data = TrainingData.Of(s_dataset, "generated");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu")]
    [InlineData("reference")]
    public void AResumedTrainingEndsWithTheSameBits(string name)
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        using ITrainingEngine whole = Open(name), first = Open(name), second = Open(name);
        var expected = new Trainer(whole, s_dataset, s_options);
        expected.Train(s_initial);
        var begun = new Trainer(first, s_dataset, s_options);
        var observer = new Observer(epoch =>
        {
            if (epoch == 2)
                new Checkpoint(s_options, s_data, begun.State).Save(file);
        });
        begun.Train(s_initial, observer);

        Checkpoint checkpoint = Checkpoint.Load(file);
        var resumed = new Trainer(second, s_dataset, checkpoint.Options);
        var epochs = new List<int>();
        resumed.Train(checkpoint.State, new Observer(epochs.Add));

        Assert.Equal([3, 4], epochs);
        Assert.Equal(expected.Parameters!.W1, resumed.Parameters!.W1);
        Assert.Equal(expected.Parameters.B1, resumed.Parameters.B1);
        Assert.Equal(expected.Parameters.W2, resumed.Parameters.W2);
        Assert.Equal(expected.Parameters.B2, resumed.Parameters.B2);
        Assert.Equal(
            expected.History.Select(e => (e.Epoch, e.Loss, e.TrainAccuracy, e.TestAccuracy, e.TestLoss)),
            resumed.History.Select(e => (e.Epoch, e.Loss, e.TrainAccuracy, e.TestAccuracy, e.TestLoss)));
    }

    [Fact]
    public void ItIsReadAsItWasSavedAndIsAModelToo()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        NetworkParameters velocity = GlorotInitializer.Draw(hidden: 20, seed: 9);
        var saved = new Checkpoint(
            s_options, s_data, new TrainingState(s_initial, velocity, [new EpochResult(1, 0.5, 0.4, TrainSeconds: 0.3, 0.2, 0.1)]));
        saved.Save(file);

        Checkpoint loaded = Checkpoint.Load(file);

        Assert.Equal(saved with { State = loaded.State }, loaded);
        Assert.Equal([saved.State.History[0] with { TrainSeconds = null }], loaded.State.History);
        Assert.Equal(s_initial.W1, loaded.State.Parameters.W1);
        Assert.Equal(velocity.W2, loaded.State.Velocity!.W2);
        Assert.Equal(s_initial.B2, ModelFile.Load(file).B2);
    }

    [Fact]
    public void WhatIsNoCheckpointIsRefusedInALine()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        Assert.Equal($"There is no checkpoint file {file}.", Assert.Throws<FileNotFoundException>(() => Checkpoint.Load(file)).Message);

        ModelFile.Save(file, s_initial);
        Assert.Contains("no training to resume", Refused(file));

        File.WriteAllText(file, "no archive");
        Refused(file);
    }

    [Fact]
    public void EveryByteOfTheFileCounts()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        var small = new TrainingState(GlorotInitializer.Draw(hidden: 1, seed: 1), null, [new EpochResult(1, 0.5, 0.4, null, 0.2, 0.1)]);
        new Checkpoint(s_options, s_data, small).Save(file);
        byte[] saved = File.ReadAllBytes(file);
        int json = saved.AsSpan().IndexOf("\"version\""u8);

        // Weights are one like another; what is around them is not.
        foreach (int at in Enumerable.Range(0, saved.Length).Where(at => at % 97 == 0 || at is < 300 || at > json - 300))
            // 8 makes "stored" in a zip archive "deflated".
            foreach (byte bit in (byte[])[1, 8])
            {
                byte[] damaged = [.. saved];
                damaged[at] ^= bit;
                File.WriteAllBytes(file, damaged);
                Refused(file);
            }
        foreach (byte[] other in (byte[][])[saved[..^1], [.. saved, 0], [0, .. saved], [.. saved, .. saved]])
        {
            File.WriteAllBytes(file, other);
            Refused(file);
        }
    }

    [Theory]
    [InlineData("\"version\": 2", "\"version\": 1", "it is version 1; this program resumes version 2")]
    [InlineData("\"batchSize\"", "batchSize", "training.json in it is damaged")]
    [InlineData("\"learningRate\"", "\"rate\"", "no learning rate")]
    [InlineData("\"epochs\": 4", "\"epochs\": 0", "its Epochs is 0")]
    [InlineData("\"epochs\": 4", "\"epochs\": 1", "it has 2 epochs of 1")]
    [InlineData("\"seed\": 1", "\"seed\": -1", "its Seed is -1")]
    [InlineData("\"schedule\": \"OneCycle\"", "\"schedule\": 7", "its Schedule is 7")]
    [InlineData("\"momentum\": 0.8", "\"momentum\": 1", "its Momentum is 1")]
    [InlineData("\"images\": 300", "\"images\": 0", "it was trained on 0 images")]
    [InlineData("\"epoch\": 1", "\"epoch\": -7", "its figures for epoch 1 are impossible")]
    [InlineData("\"loss\": 0.5", "\"loss\": 1e999", "its figures for epoch 1 are impossible")]
    [InlineData("\"trainAccuracy\": 0.4", "\"trainAccuracy\": 1.5", "its figures for epoch 1 are impossible")]
    [InlineData("\"history\": [", "\"history\": [ null,", "its figures for epoch 1 are impossible")]
    [InlineData("\"history\"", "\"story\"", "training.json in it is damaged")]
    [InlineData("\"data\"", "\"dates\"", "training.json in it is damaged")]
    public void WhatNoTrainingWritesIsRefusedWhereverItComesFrom(string old, string changed, string message)
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        EpochResult[] history = [new(1, 0.5, 0.4, null, 0.2, 0.1), new(2, 0.3, 0.6, null, 0.7, 0.1)];
        new Checkpoint(s_options, s_data, new TrainingState(s_initial, null, history)).Save(file);

        Change(file, CompressionLevel.NoCompression, json => json.Contains(old) ? json.Replace(old, changed) : throw new ArgumentException(json));

        Assert.Contains(message, Refused(file));
    }

    [Fact]
    public void ALongTrainingsFileTakesNoMoreMemoryThanItHasBytes()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        new Checkpoint(s_options, s_data, new TrainingState(s_initial, null, [])).Save(file);
        Change(file, CompressionLevel.Fastest, json => json + new string(' ', 20_000_000));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("compressed", Refused(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    /// <summary>The same numbers in the same order, however long they took.</summary>
    [Fact]
    public void EqualTrainingsGiveEqualBytes()
    {
        string[] files = [Path.Combine(_folder.Path, "one.npz"), Path.Combine(_folder.Path, "two.npz")];
        foreach (string file in files)
        {
            using ITrainingEngine engine = Open("cpu");
            var trainer = new Trainer(engine, s_dataset, s_options);
            trainer.Train(s_initial, new Observer(_ => Thread.Sleep(20)));
            new Checkpoint(s_options, s_data, trainer.State).Save(file);
            using ZipArchive archive = ZipFile.OpenRead(file);
            Assert.All(archive.Entries, entry => Assert.Equal(1980, entry.LastWriteTime.Year));
        }

        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
    }

    /// <summary>Stopped inside an epoch, or in its test: the state is that of the last epoch that was trained.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheStateOfAnInterruptedTrainingIsThatOfItsLastFinishedEpoch(bool inTest)
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        using ITrainingEngine whole = Open("reference"), first = Open("reference"), second = Open("reference");
        var expected = new Trainer(whole, s_dataset, s_options);
        expected.Train(s_initial);
        using var source = new CancellationTokenSource();
        var interrupted = new Trainer(first, s_dataset, s_options);
        int started = 0;
        var observer = new Observer(_ => { }, started: epoch => started = epoch, progress: images =>
        {
            if (started == 3 && images >= (inTest ? 300 : 64))
                source.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => interrupted.Train(s_initial, observer, source.Token));
        Assert.Equal(inTest ? 3 : 2, interrupted.State.History.Count);
        new Checkpoint(s_options, s_data, interrupted.State).Save(file);
        var resumed = new Trainer(second, s_dataset, s_options);
        resumed.Train(Checkpoint.Load(file).State);

        Assert.Equal(expected.Parameters!.W1, resumed.Parameters!.W1);
        Assert.Equal(expected.State.Velocity!.W2, resumed.State.Velocity!.W2);
        Assert.Equal(expected.History.Select(e => (e.Epoch, e.TestAccuracy)), resumed.History.Select(e => (e.Epoch, e.TestAccuracy)));
    }

    [Fact]
    public void OtherImagesHaveAnotherChecksum()
    {
        uint sum = s_data.Checksum;
        Assert.Equal(sum, Sum(s_dataset with { Name = "other" }));
        Assert.NotEqual(sum, Sum(s_dataset with { Train = s_dataset.Train.Take(299) }));
        Assert.NotEqual(sum, Sum(s_dataset with { Test = s_dataset.Test.Take(49) }));

        static uint Sum(MnistDataset dataset) => TrainingData.Of(dataset, null).Checksum;
    }

    private static string Refused(string file)
    {
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Load(file)).Message;
        Assert.StartsWith($"{file} is not a usable checkpoint: ", message);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    /// <summary>Changes the JSON in a checkpoint, and writes the right checksum.</summary>
    private static void Change(string file, CompressionLevel level, Func<string, string> change)
    {
        string comment;
        using (ZipArchive archive = ZipFile.Open(file, ZipArchiveMode.Update))
        {
            comment = archive.Comment;
            ZipArchiveEntry entry = archive.GetEntry("training.json")!;
            string json;
            using (var reader = new StreamReader(entry.Open()))
                json = reader.ReadToEnd();
            entry.Delete();
            using var writer = new StreamWriter(archive.CreateEntry("training.json", level).Open());
            writer.Write(change(json));
        }
        byte[] bytes = File.ReadAllBytes(file);
        Assert.Equal(comment, Encoding.ASCII.GetString(bytes[^comment.Length..]));
        File.WriteAllBytes(file, [.. bytes[..^8], .. Encoding.ASCII.GetBytes($"{Crc32C.Append(0, bytes.AsSpan()[..^8]):x8}")]);
    }

    private static ITrainingEngine Open(string name) => name == "cpu" ? new SimdEngine(2) : new ReferenceEngine();

    private sealed class Observer(Action<int> finished, Action<int>? started = null, Action<int>? progress = null) : ITrainingObserver
    {
        public void EpochStarted(int epoch) => started?.Invoke(epoch);

        public void EpochFinished(EpochResult result) => finished(result.Epoch);

        public void Report(EpochProgress value) => progress?.Invoke(value.Images);
    }
}
