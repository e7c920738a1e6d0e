using System.Diagnostics;
using System.Text.Json.Nodes;
using Octant.Data.Batching;
using Octant.Formats;
using Octant.Models;
using Octant.Models.Nn;
using Octant.Training.Averaging;
using Octant.Training.Losses;
using Octant.Training.Monitoring;
using Octant.Training.Optimizers;
using Octant.Training.Recipes;
using Octant.Training.Schedules;
using static TorchSharp.torch;

namespace Octant.Training.Runs;

/// <summary>
/// From a recipe to a model: the loop, from top to bottom. What it does depends on the recipe, the texts and the step's number alone, so
/// that a run that was stopped anywhere and goes on from its last checkpoint comes to the same weights, to the bit.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    /// <summary>Steps in a row whose gradient is not finite after which the weights are lost: a single one is survived.</summary>
    const int MostRefused = 8;

    // Tokens of an evaluation's batch: more than a step's, since nothing is kept for a backward pass.
    const int EvaluatedTokens = 1 << 13;

    readonly RecipeFile file;
    readonly TrainingRecipe training;
    readonly RunFolder folder;
    readonly RunCheckpoints checkpoints;
    readonly TokenizedCorpus corpus;
    readonly IProgress<RunEvent>? progress;
    readonly JsonObject config;
    readonly Checkpoint weights;
    readonly IDecoder model;
    readonly IOptimizer optimizer;
    readonly ISchedule schedule;
    readonly TrainingStep step;
    readonly MovingAverage? average;
    readonly TokenDataset? validation;
    readonly Batches batches;
    readonly MetricsFile metrics;
    readonly EventFile events;
    readonly SampleWriter samples;
    readonly List<(string Name, string Value)> facts;
    RunState state;

    /// <summary>Trains what a recipe describes, or goes on with it.</summary>
    /// <param name="file">the recipe</param>
    /// <param name="folder">where everything is written; made where it is not there</param>
    /// <param name="resume">goes on from the last checkpoint there; begins where there is none</param>
    /// <param name="progress">hears of every step</param>
    /// <param name="stop">ends it after the step that is being made, with a checkpoint</param>
    /// <exception cref="OctantException">
    /// the folder holds a run and is not to go on, recipe or texts are no longer those of the run, texts are too short, sizes do not
    /// fit, there is no room: the last checkpoint stays as it is
    /// </exception>
    public static RunResult Run(
        RecipeFile file, string folder, bool resume = false, IProgress<RunEvent>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var place = RunFolder.Take(folder, resume);
        place.Agree(file);
        var checkpoints = new RunCheckpoints(place.Checkpoints);
        checkpoints.Clean();
        var (last, damaged) = checkpoints.Last();
        foreach (var what in damaged) progress?.Report(new Warned($"The last checkpoint is damaged, the one before is taken: {what}"));
        using var corpus = TokenizedCorpus.Prepare(file, place, last, progress, stop);
        using var run = new TrainingRun(file, place, checkpoints, corpus, last, progress);
        return run.Loop(stop);
    }

    TrainingRun(
        RecipeFile file, RunFolder folder, RunCheckpoints checkpoints, TokenizedCorpus corpus, RunState? last, IProgress<RunEvent>? progress)
    {
        (this.file, this.folder, this.checkpoints, this.corpus, this.progress) = (file, folder, checkpoints, corpus, progress);
        training = file.Recipe.Training;
        state = last ?? RunState.New(
            NumberTypeOf(training), corpus.Training.DocumentsFingerprint, corpus.Validation?.DocumentsFingerprint);
        WarnOfDifferences();

        // What the data are cut into.
        var data = new TokenDataset(corpus.Training, training.Block, name: "The text to learn from");
        validation = corpus.Validation is null ? null : new(corpus.Validation, training.Block, name: "The text kept back for validation");
        var reader = new BatchReader(data, new(training.Batch, training.Order, (ulong)training.Seed));

        // What learns.
        config = ModelConfig.Of(file, corpus.Tokenizer.VocabularySize);
        (weights, model) = ModelConfig.Build(file, config);
        corpus.Training.RequireVocabulary(model.Shape.Vocabulary);
        if (training.Block > model.Shape.Context)
            throw file.Wrong("training.block", $"is {training.Block}, longer than the model's context, {model.Shape.Context}.");

        foreach (var prompt in file.Recipe.Samples?.Prompts ?? [])
            if (corpus.Tokenizer.EncodeIds(prompt, addSpecialTokens: false).Length is var length && (length == 0 || length >= model.Shape.Context))
                throw file.Wrong("samples.prompts", $"has one of {length} tokens ({prompt}); there must be 1 to {model.Shape.Context - 1}.");

        // What teaches it.
        optimizer = file.Recipe.Optimizer.Create(weights.Parameters);
        schedule = (file.Recipe.Schedule ?? new()).Create(file.Recipe.Optimizer.LearningRate, training.Steps);
        step = new(model, optimizer, new LanguageModelLoss(training.LabelSmoothing, training.ZLoss))
        {
            Type = NumberType.Named(state.NumberType),
            Recompute = training.Recompute,
            LargestNorm = training.Clip > 0 ? training.Clip : double.PositiveInfinity,
            Refused = state.Refused,
        };
        if (training.Average > 0) average = new(weights.Parameters, new Growing(training.Average));
        if (last is not null) checkpoints.Load(state.Step, weights.Parameters, optimizer, average);

        // What is written down.
        facts = [.. Facts(data)];
        batches = new(reader, state.Cursor());
        metrics = new(folder.Metrics, after: state.Step);
        events = new(folder.Path, after: state.Step);
        samples = new(folder.Samples, after: state.Step);
    }

    RunResult Loop(CancellationToken stop)
    {
        progress?.Report(new Began(facts, state.Step, training.Steps));
        var (begun, before) = (Stopwatch.StartNew(), state.Step);
        while (state.Step < training.Steps)
        {
            if (stop.IsCancellationRequested) return End(RunEnd.Interrupted);
            if (training.Patience > 0 && state.Worse >= training.Patience) return End(RunEnd.NoLongerBetter);

            // A step. Its dropout is decided by the seed and its number.
            var time = Stopwatch.GetTimestamp();
            var rate = schedule.At(state.Step);
            foreach (var group in optimizer.Groups) group.LearningRate = rate;
            using (random.manual_seed(unchecked(training.Seed * 1_000_003 + state.Step))) { }
            var made = Step();
            if (!made.Refused) average?.Update();
            var seconds = Stopwatch.GetElapsedTime(time).TotalSeconds;
            state = state with
            {
                Step = state.Step + 1,
                Epoch = batches.Cursor.Epoch,
                Position = batches.Cursor.Position,
                Tokens = state.Tokens + made.Tokens,
                Refused = step.Refused,
                RefusedInARow = made.Refused ? state.RefusedInARow + 1 : 0,
                Loss = double.IsFinite(made.Loss) ? made.Loss : null,
                ValidationLoss = null,
                Seconds = state.Seconds + seconds,
            };
            if (state.RefusedInARow >= MostRefused) return End(RunEnd.Diverged);

            // A look at what it has learnt.
            var improved = IsTime(training.EvaluateEvery) && validation is not null && Evaluate();
            var measurement = new Measurement(state.Step, made.Loss, rate, made.GradientNorm, made.Tokens / seconds,
                state.ValidationLoss, state.Tokens, state.Seconds, made.Refused);
            metrics.Append(measurement);
            events.Append(measurement);
            progress?.Report(new Stepped(measurement, training.Steps, begun.Elapsed / (state.Step - before) * (training.Steps - state.Step)));
            if (file.Recipe.Samples is { Prompts: not null } wanted && IsTime(wanted.Every ?? training.EvaluateEvery)) Write(wanted);

            // A place to go on from.
            if ((improved || IsTime(training.CheckpointEvery)) && !TrySave()) return End(RunEnd.Diverged);
        }
        return End(RunEnd.Finished);
    }

    bool IsTime(int every) => state.Step % every == 0 || state.Step == training.Steps;

    StepResult Step()
    {
        using var scope = NewDisposeScope();
        return step.Run([.. Enumerable.Range(0, training.Accumulate).Select(_ => ToTensors(batches.Next()))]);
    }

    static MicroBatch ToTensors(Batch batch) =>
        new() { Ids = tensor(batch.Ids, [batch.Rows, batch.Block]), Labels = tensor(batch.Labels, [batch.Rows, batch.Block]) };

    /// <summary>Measures the loss on what was kept back.</summary>
    /// <returns>whether it is the least so far</returns>
    bool Evaluate()
    {
        average?.Swap();
        var sum = default(TokenLosses);
        foreach (var batch in validation!.InOrder(Math.Max(training.Batch, EvaluatedTokens / training.Block)).Take(training.EvaluateBatches ?? int.MaxValue))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var rows = ToTensors(batch);
            sum += new LanguageModelLoss().Measure(model, model.Hidden(rows.Ids, new() { Type = step.Type }), rows.Labels);
        }
        average?.Swap();
        var loss = sum.CrossEntropy / sum.Tokens;
        var improved = double.IsFinite(loss) && !(loss >= state.BestLoss);
        state = state with
        {
            ValidationLoss = double.IsFinite(loss) ? loss : null,
            BestLoss = improved ? loss : state.BestLoss,
            BestStep = improved ? state.Step : state.BestStep,
            Worse = improved ? 0 : state.Worse + 1,
        };
        return improved;
    }

    void Write(SampleRecipe wanted)
    {
        average?.Swap();
        var ends = TokenizedCorpus.Ends(file, corpus.Tokenizer);
        foreach (var sample in samples.Write(new(weights, model), corpus, ends, wanted, state.Step, training.Seed)) progress?.Report(new Sampled(sample));
        average?.Swap();
    }

    /// <summary>Saves, unless the weights are lost: then the last good checkpoint must stay.</summary>
    bool TrySave()
    {
        if (!double.IsFinite(Gradients.Norm([.. weights.Parameters.Values]))) return false;
        metrics.Flush();
        events.Flush();
        var place = checkpoints.Save(state, weights.Parameters, optimizer, average);
        progress?.Report(new Saved(state.Step, place));
        return true;
    }

    /// <summary>A checkpoint of the last step, the model of the best, and what is to be read about them.</summary>
    RunResult End(RunEnd end)
    {
        if (end != RunEnd.Diverged && !TrySave()) end = RunEnd.Diverged;
        var best = state.BestStep is { } measured && checkpoints.Steps().Contains(measured) ? measured
            : checkpoints.Steps() is [var last, ..] ? last : (int?)null;
        var result = new RunResult(end, state.Step, folder.Path, state.Loss, best, state.BestLoss, BitsPerByte());
        if (best is null) return result;
        using var scope = NewDisposeScope();
        var (path, prefix) = average is null ? (checkpoints.WeightsOf(best.Value), "") : checkpoints.AverageOf(best.Value);
        var tensors = RunCheckpoints.Read(path, prefix).Where(named => weights.Parameters.ContainsKey(named.Key)).ToDictionary();
        ResultFolder.Write(folder, file, config, TokenizedCorpus.Ends(file, corpus.Tokenizer), tensors,
            ResultFolder.Readme(file, result, facts, talks: corpus.Template is not null));
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Path)));
        var run = MetricsFile.Read(folder.Metrics);
        using (var drafts = new Drafts())
        {
            drafts.Write(folder.Curve, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(LossCurve.Svg(run, name))));
            drafts.Commit();
        }
        Report.Write(folder.Report, new(name, [.. facts, .. ResultFolder.Figures(result)], run,
            [.. samples.All.Select(sample => ((long)sample.Step, sample.Prompt + sample.Text))], RecipeText.Yaml(file.Recipe)));
        return result;
    }

    /// <summary>Nats a token over bytes a token, in bits.</summary>
    double? BitsPerByte() => corpus.Validation is { TextBytes: > 0 } text && training.EvaluateBatches is null && state.BestLoss is { } loss
        ? loss * (text.Count - 1) / text.TextBytes / Math.Log(2) : null;

    IEnumerable<(string, string)> Facts(TokenDataset data)
    {
        var count = weights.Parameters.Values.Sum(parameter => parameter.numel());
        yield return ("model", $"{(string?)config["model_type"]}, {count:N0} parameters");
        yield return ("context", $"{model.Shape.Context:N0} tokens of a vocabulary of {model.Shape.Vocabulary:N0}");
        yield return ("learns from", $"{data.Tokens:N0} tokens, {training.Steps * (double)training.Batch * training.Block * training.Accumulate / data.Tokens:F1} times");
        if (validation is not null) yield return ("is measured on", $"{validation.Tokens:N0} tokens");
        yield return ("computes in", $"{state.NumberType}, {state.Threads} threads, {state.Processor}");
        yield return ("seed", $"{training.Seed}");
    }

    static string NumberTypeOf(TrainingRecipe training) => NumberType.Named(training.Dtype).ToString().ToLowerInvariant();

    void WarnOfDifferences()
    {
        if (state.Processor != RunState.ProcessorName)
            progress?.Report(new Warned($"The run began on another processor ({state.Processor}; this is {RunState.ProcessorName}): it goes on, but not bit for bit as it would have there."));
        if (state.Threads != Engine.Threads)
            progress?.Report(new Warned($"The run began with {state.Threads} threads, these are {Engine.Threads}: it goes on, but not bit for bit as it would have with those."));
        if (training.Dtype != "auto" || state.NumberType == NumberTypeOf(training)) return;
        progress?.Report(new Warned($"The run computes in {state.NumberType}, as it began; this processor is faster in {NumberTypeOf(training)}."));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        batches.Dispose();
        metrics.Dispose();
        events.Dispose();
        optimizer.Dispose();
        average?.Dispose();
        weights.Dispose();
    }
}
