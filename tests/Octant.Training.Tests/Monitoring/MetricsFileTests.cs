using System.Text.Json;
using CsCheck;
using Octant.Formats;
using Octant.Training.Monitoring;

namespace Octant.Training.Tests.Monitoring;

public sealed class MetricsFileTests : IDisposable
{
    const string Whole =
        """{"step":1,"loss":4.25,"learning_rate":0.001,"grad_norm":1.5,"tokens_per_second":900,"tokens":768,"seconds":0.5}""" + "\n";

    readonly string folder = Directory.CreateTempSubdirectory("octant-metrics-").FullName;

    string File => Path.Combine(folder, "metrics.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_line_has_the_published_keys_and_those_of_rare_things_only_where_they_happened()
    {
        using (var metrics = new MetricsFile(File))
        {
            metrics.Append(new(1, 4.25, 1e-3, 1.5, 900, Tokens: 768, Seconds: 0.5));
            metrics.Append(new(2, double.NaN, 1e-3, double.PositiveInfinity, 900.5, 4.125, 1536, 1, Refused: true));
        }
        Assert.Equal(Whole +
            """{"step":2,"loss":null,"val_loss":4.125,"learning_rate":0.001,"grad_norm":null,"tokens_per_second":900.5,"tokens":1536,"seconds":1,"refused":true}""" +
            "\n", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void What_was_written_reads_back_but_for_infinity_which_JSON_has_not()
    {
        Runs.Wild.Sample(run =>
        {
            using (var metrics = new MetricsFile(File))
                foreach (var measurement in run) metrics.Append(measurement);
            Assert.Equal(run.Select(Readable), MetricsFile.Read(File));
        }, iter: 100, threads: 1);

        static Measurement Readable(Measurement m) => m with
        {
            Loss = Number(m.Loss),
            LearningRate = Number(m.LearningRate),
            GradientNorm = Number(m.GradientNorm),
            TokensPerSecond = Number(m.TokensPerSecond),
            ValidationLoss = m.ValidationLoss is { } loss ? Number(loss) : null,
            Seconds = Number(m.Seconds),
        };

        static double Number(double value) => double.IsFinite(value) ? value : double.NaN;
    }

    [Fact]
    public void A_resumed_run_writes_the_same_file_as_one_that_went_through()
    {
        var run = Runs.Falling(40, evaluateEvery: 10);
        Write(run, after: 0);
        var straight = System.IO.File.ReadAllBytes(File);
        // Killed at any byte after the checkpoint of step 25, and again.
        var checkpoint = straight.Length * 25 / 40 + 200;
        Gen.Int[checkpoint, straight.Length].Sample(length =>
        {
            System.IO.File.WriteAllBytes(File, straight[..length]);
            Write(run, after: 25);
            Assert.Equal(straight, System.IO.File.ReadAllBytes(File));
        }, iter: 100, threads: 1);
        Assert.Equal([File], Directory.GetFiles(folder));

        void Write(List<Measurement> run, long after)
        {
            using var metrics = new MetricsFile(File, after);
            foreach (var measurement in run.Where(measurement => measurement.Step > after)) metrics.Append(measurement);
        }
    }

    [Fact]
    public void A_reader_sees_each_line_at_once()
    {
        using var metrics = new MetricsFile(File);
        foreach (var measurement in Runs.Falling(5))
        {
            metrics.Append(measurement);
            Assert.Equal(measurement, MetricsFile.Read(File)[^1]);
        }
        metrics.Flush();
    }

    [Fact]
    public void Half_a_line_at_the_end_does_not_count()
    {
        System.IO.File.WriteAllText(File, Whole + Whole[..30]);
        Assert.Equal(1, Assert.Single(MetricsFile.Read(File)).Step);
        System.IO.File.WriteAllText(File, Whole[..30]);
        Assert.Empty(MetricsFile.Read(File));
    }

    [Theory]
    [InlineData("{\"step\":2", ":2 is damaged: it is no JSON")]
    [InlineData("[]", ":2 is damaged: it is no JSON object")]
    [InlineData("", ":2 is damaged: it is no JSON")]
    [InlineData("{}", "the key \"step\" is missing")]
    [InlineData("""{"step":2.5}""", "\"step\" is no whole number from 1 on")]
    [InlineData("""{"step":0}""", "\"step\" is no whole number from 1 on")]
    [InlineData("""{"step":2,"loss":"low"}""", "\"loss\" is neither a number nor null")]
    [InlineData("""{"step":2,"step":3}""", "it is no JSON")]
    [InlineData("""{"step":2,"valloss":3}""", "no measurement has the key \"valloss\"")]
    [InlineData("""{"step":1,"loss":1,"learning_rate":1,"grad_norm":1,"tokens_per_second":1,"tokens":1,"seconds":1}""", "step 1 comes after step 1")]
    public void A_damaged_line_is_named_with_what_is_wrong(string line, string expected)
    {
        System.IO.File.WriteAllText(File, Whole + line + "\n" + Whole);
        var error = Assert.Throws<OctantException>(() => MetricsFile.Read(File));
        Assert.StartsWith($"{File}:2 is damaged: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Mend or remove the line.", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Assert.Throws<OctantException>(() => new MetricsFile(File, after: 9)).Message);
    }

    [Fact]
    public void Lines_of_threads_do_not_interleave()
    {
        using var metrics = new MetricsFile(File);
        var next = 0L;
        Parallel.For(0, 400, _ =>
        {
            lock (folder) metrics.Append(new(++next, 1, 1, 1, 1));
            Assert.All(System.IO.File.ReadAllLines(File)[..^1], line => JsonDocument.Parse(line).Dispose());
        });
        Assert.Equal(400, MetricsFile.Read(File).Count);
    }

    [Fact]
    public void Steps_count_up()
    {
        using var metrics = new MetricsFile(File);
        metrics.Append(new(1, 1, 1, 1, 1));
        Assert.Throws<ArgumentException>(() => metrics.Append(new(1, 1, 1, 1, 1)));
    }

    [Fact]
    public void What_the_system_refuses_names_the_path()
    {
        Assert.Contains(File, Assert.Throws<OctantException>(() => MetricsFile.Read(File)).Message, StringComparison.Ordinal);
        var nowhere = Path.Combine(folder, "missing", "metrics.jsonl");
        Assert.Contains(nowhere, Assert.Throws<CheckpointException>(() => new MetricsFile(nowhere)).Message, StringComparison.Ordinal);
    }
}
