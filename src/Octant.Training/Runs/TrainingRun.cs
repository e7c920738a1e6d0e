using System.Diagnostics;
using Octant.Data.Batching;
using Octant.Models;
using Octant.Training.Losses;
using Octant.Training.Monitoring;
using Octant.Training.Recipes;
using Octant.Training.Schedules;
using static TorchSharp.torch;

namespace Octant.Training.Runs;

/// <summary>
/// From a recipe to a model: the loop, from top to bottom. What it does depends on the recipe, the texts and the step's number alone, so
/// that a run that was stopped anywhere and goes on from its last checkpoint comes to the same weights, to the bit.
/// </summary>
public sealed class TrainingRun
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
    readonly Learner learner;
    readonly ISchedule schedule;
    readonly Batches batches;
    readonly TokenDataset? validation;
    readonly RunLog log;
    readonly IProgress<RunEvent>? progress;
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
        var training = file.Recipe.Training;
        using var place = RunFolder.Take(folder, resume);
        place.Agree(file);

        // Where it stands.
        var checkpoints = new RunCheckpoints(place.Checkpoints);
        checkpoints.Clean();
        var (last, damaged) = checkpoints.Last();
        foreach (var what in damaged) progress?.Report(new Warned($"The last checkpoint is damaged, the one before is taken: {what}"));

        // What is learnt from, what learns, what is written down.
        using var corpus = TokenizedCorpus.Prepare(file, place, last, progress, stop);
        var state = last ?? RunState.New(training, corpus);
        foreach (var difference in state.Differences(training)) progress?.Report(new Warned(difference));
        var data = new TokenDataset(corpus.Training, training.Block, name: "The text to learn from");
        var validation = corpus.Validation is null ? null
            : new TokenDataset(corpus.Validation, training.Block, name: "The text kept back for validation");
        using var learner = new Learner(file, corpus.Tokenizer.VocabularySize, NumberType.Named(state.NumberType));
        RunChecks.Check(file, corpus, learner.Model.Shape);
        if (last is not null) checkpoints.Load(last.Step, learner.Parameters, learner.Optimizer, learner.Average);
        using var batches = new Batches(new BatchReader(data, new(training.Batch, training.Order, (ulong)training.Seed)), state.Cursor());
        using var log = new RunLog(place, after: state.Step);
        return new TrainingRun(file, place, checkpoints, corpus, learner, batches, data, validation, log, progress, state).Loop(stop);
    }

    TrainingRun(
        RecipeFile file, RunFolder folder, RunCheckpoints checkpoints, TokenizedCorpus corpus, Learner learner, Batches batches,
        TokenDataset data, TokenDataset? validation, RunLog log, IProgress<RunEvent>? progress, RunState state)
    {
        (this.file, this.folder, this.checkpoints, this.corpus, this.learner) = (file, folder, checkpoints, corpus, learner);
        (this.batches, this.validation, this.log, this.progress, this.state) = (batches, validation, log, progress, state);
        training = file.Recipe.Training;
        schedule = (file.Recipe.Schedule ?? new()).Create(file.Recipe.Optimizer.LearningRate, training.Steps);
        facts = [.. RunFacts.Of(training, state, learner, data, validation)];
    }

    RunResult Loop(CancellationToken stop)
    {
        progress?.Report(new Began(facts, log.Earlier, training.Steps));
        var (begun, before) = (Stopwatch.StartNew(), state.Step);
        while (state.Step < training.Steps)
        {
            if (stop.IsCancellationRequested) return End(RunEnd.Interrupted);
            if (training.Patience > 0 && state.Worse >= training.Patience) return End(RunEnd.NoLongerBetter);

            // A step. Its dropout is decided by the seed and its number.
            var time = Stopwatch.GetTimestamp();
            var rate = schedule.At(state.Step);
            foreach (var group in learner.Optimizer.Groups) group.LearningRate = rate;
            using (random.manual_seed(unchecked(training.Seed * 1_000_003 + state.Step))) { }
            var made = Step();
            if (!made.Refused) learner.Average?.Update();
            var seconds = Stopwatch.GetElapsedTime(time).TotalSeconds;
            state = state.After(made, batches.Cursor, seconds);

            // A look at what it has learnt.
            var evaluates = validation is not null && IsTime(training.EvaluateEvery);
            var (samples, saves) = (IsTimeToSample(), IsTime(training.CheckpointEvery));
            var lost = state.RefusedInARow >= MostRefused || (evaluates || samples || saves) && !learner.IsFinite();
            if (evaluates && !lost) state = state.Measured(learner.WithAverage(Evaluate));
            var measurement = new Measurement(state.Step, made.Loss, rate, made.GradientNorm, made.Tokens / seconds,
                state.ValidationLoss, state.Tokens, state.Seconds, made.Refused);
            log.Append(measurement);
            progress?.Report(new Stepped(measurement, training.Steps, begun.Elapsed / (state.Step - before) * (training.Steps - state.Step)));
            if (lost) return End(RunEnd.Diverged);
            if (samples) Write(file.Recipe.Samples!);

            // A place to go on from; not while it is in doubt whether the weights still are one.
            if ((saves || state.BestStep == state.Step) && state.RefusedInARow == 0) Save();
        }
        return End(RunEnd.Finished);
    }

    bool IsTime(int every) => state.Step % every == 0 || state.Step == training.Steps;

    bool IsTimeToSample() => file.Recipe.Samples is { Prompts: not null } wanted && IsTime(wanted.Every ?? training.EvaluateEvery);

    StepResult Step()
    {
        using var scope = NewDisposeScope();
        return learner.Step.Run([.. Enumerable.Range(0, training.Accumulate).Select(_ => ToTensors(batches.Next()))]);
    }

    static MicroBatch ToTensors(Batch batch) =>
        new() { Ids = tensor(batch.Ids, [batch.Rows, batch.Block]), Labels = tensor(batch.Labels, [batch.Rows, batch.Block]) };

    /// <summary>The loss on what was kept back, in nats a token.</summary>
    double Evaluate()
    {
        var sum = default(TokenLosses);
        var rows = Math.Max(training.Batch, EvaluatedTokens / training.Block);
        foreach (var batch in validation!.InOrder(rows).Take(training.EvaluateBatches ?? int.MaxValue))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var tensors = ToTensors(batch);
            var hidden = learner.Model.Hidden(tensors.Ids, new() { Type = learner.Step.Type });
            sum += new LanguageModelLoss().Measure(learner.Model, hidden, tensors.Labels);
        }
        return sum.CrossEntropy / sum.Tokens;
    }

    void Write(SampleRecipe wanted)
    {
        var ends = TokenizedCorpus.Ends(file, corpus.Tokenizer);
        var written = learner.WithAverage(() =>
            log.Samples.Write(learner.ForGeneration(), corpus.Tokenizer, ends, wanted, state.Step, training.Seed));
        foreach (var sample in written) progress?.Report(new Sampled(sample));
    }

    void Save()
    {
        log.Flush();
        var place = checkpoints.Save(state, learner.Parameters, learner.Optimizer, learner.Average);
        progress?.Report(new Saved(state.Step, place));
    }

    /// <summary>A checkpoint of the last step unless its weights are lost, the model of the best, and what is to be read about them.</summary>
    RunResult End(RunEnd end)
    {
        if (end != RunEnd.Diverged && !learner.IsFinite()) end = RunEnd.Diverged;
        if (end == RunEnd.Diverged) checkpoints.SetAsideAfter(state.LastSound);
        else if (state.RefusedInARow == 0) Save();
        var steps = checkpoints.Steps();
        var best = state.BestStep is { } measured && steps.Contains(measured) ? measured : steps is [var last, ..] ? last : (int?)null;
        var result = new RunResult(end, state.Step, folder.Path, state.Loss, best, state.BestLoss, BitsPerByte());
        if (best is null) return result;
        using var scope = NewDisposeScope();
        var (path, prefix) = learner.Average is null ? (checkpoints.WeightsOf(best.Value), "") : checkpoints.AverageOf(best.Value);
        var tensors = RunCheckpoints.Read(path, prefix).Where(named => learner.Parameters.ContainsKey(named.Key)).ToDictionary();
        ResultFolder.Write(folder, file, learner.Config, TokenizedCorpus.Ends(file, corpus.Tokenizer), tensors,
            ResultFolder.Readme(file, folder, result, facts, talks: corpus.Template is not null));
        log.WritePages(file.Recipe, [.. facts, .. ResultFolder.Figures(result)]);
        return result;
    }

    /// <summary>Nats a token over bytes a token, in bits.</summary>
    double? BitsPerByte() => corpus.Validation is { TextBytes: > 0 } text && training.EvaluateBatches is null && state.BestLoss is { } loss
        ? loss * (text.Count - 1) / text.TextBytes / Math.Log(2) : null;
}
