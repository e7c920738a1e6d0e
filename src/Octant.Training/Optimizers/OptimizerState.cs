using Octant.Models.Nn;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Optimizers;

/// <summary>What an optimiser remembers of each parameter: tensors in named slots, numbers, and how many steps it has made.</summary>
sealed class OptimizerState : IDisposable
{
    readonly IReadOnlyList<ParameterGroup> groups;
    readonly Dictionary<string, Slots> all = [];

    /// <param name="groups">no parameter in two of them</param>
    /// <param name="declare">adds the slots of one parameter, zero at first</param>
    public OptimizerState(IReadOnlyList<ParameterGroup> groups, Action<Slots> declare)
    {
        this.groups = groups;
        using var _ = no_grad();
        foreach (var (name, parameter) in groups.SelectMany(group => group.Parameters))
        {
            var slots = new Slots(name, parameter);
            if (!all.TryAdd(name, slots)) throw new OctantException($"{name} is in two groups of an optimizer: leave it in one.");
            declare(slots);
        }
    }

    /// <summary>
    /// One step of every parameter that has a gradient, each in a scope of its own. A parameter without one is left alone: it does
    /// not decay, and its step does not count.
    /// </summary>
    public void Step(Action<ParameterGroup, Slots, Tensor> update)
    {
        using var _ = no_grad();
        foreach (var group in groups)
            foreach (var slots in WithGradient(group))
            {
                using var scope = NewDisposeScope();
                slots.Steps++;
                update(group, slots, slots.Parameter.grad!);
            }
    }

    /// <summary>Those of a group whose turn it is.</summary>
    public IEnumerable<Slots> WithGradient(ParameterGroup group)
    {
        foreach (var name in group.Parameters.Keys)
        {
            var slots = all[name];
            if (slots.Parameter.grad is not null) yield return slots;
        }
    }

    public IReadOnlyDictionary<string, Tensor> Save()
    {
        var saved = new Dictionary<string, Tensor>();
        foreach (var (name, slots) in all)
        {
            foreach (var (slot, tensor) in slots.Tensors) saved.Add($"{name}.{slot}", tensor);
            foreach (var (slot, number) in slots.Numbers) saved.Add($"{name}.{slot}", tensor(number, float64));
        }
        return saved;
    }

    public void Load(IReadOnlyDictionary<string, Tensor> saved)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var own = Save();
        string[] misfits =
        [
            .. own.Keys.Where(name => !saved.ContainsKey(name)).Select(name => $"{name}: missing"),
            .. saved.Keys.Where(name => !own.ContainsKey(name)).Select(name => $"{name}: not used"),
            .. own.Where(slot => saved.TryGetValue(slot.Key, out var other) && !other.shape.SequenceEqual(slot.Value.shape))
                .Select(slot => $"{slot.Key}: {Shape(saved[slot.Key])} found, {Shape(slot.Value)} expected"),
        ];
        if (misfits.Length > 0)
        {
            const int shown = 20;
            throw new OctantException(
                "The saved state is of another optimizer or another model; resume with those that it was saved with:\n  " +
                string.Join("\n  ", misfits.Take(shown)) + (misfits.Length > shown ? $"\n  ... and {misfits.Length - shown} more" : ""));
        }
        foreach (var (name, slots) in all)
        {
            foreach (var (slot, tensor) in slots.Tensors) tensor.copy_(saved[$"{name}.{slot}"]);
            foreach (var slot in slots.Numbers.Keys) slots.Numbers[slot] = saved[$"{name}.{slot}"].Number();
        }
    }

    static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";

    public void Dispose()
    {
        foreach (var tensor in all.Values.SelectMany(slots => slots.Tensors.Values)) tensor.Dispose();
    }
}

/// <summary>What is remembered of one parameter.</summary>
sealed class Slots(string name, Parameter parameter)
{
    const string StepCount = "step";

    public string Name => name;

    public Parameter Parameter => parameter;

    public Dictionary<string, Tensor> Tensors { get; } = [];

    public Dictionary<string, double> Numbers { get; } = new() { [StepCount] = 0 };

    /// <summary>That the parameter has been through, from 1 during its first one.</summary>
    public long Steps
    {
        get => (long)Numbers[StepCount];
        set => Numbers[StepCount] = value;
    }

    public Tensor this[string slot] => Tensors[slot];

    /// <summary>A tensor of the parameter's type and, unless another is given, its shape.</summary>
    public void Add(string slot, long[]? shape = null, double fill = 0) => Tensors.Add(
        slot, Models.Nn.Numbers.Full(shape ?? parameter.shape, fill, parameter.dtype, parameter.device).DetachFromDisposeScope());
}
