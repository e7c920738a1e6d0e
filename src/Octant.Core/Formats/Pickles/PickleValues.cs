namespace Octant.Formats.Pickles;

/// <summary>A name that a pickle asks for: <c>torch.FloatStorage</c>, or anything else that Python could import.</summary>
/// <param name="Module">where it would be imported from</param>
/// <param name="Name">what would be imported</param>
sealed record PickledName(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>What a pickle says lies elsewhere: in torch's files, a storage.</summary>
sealed record PickledReference(object? Id);

/// <summary>The result of a call that a pickle asks for; nothing is called.</summary>
/// <param name="function">what would be called</param>
/// <param name="arguments">with what</param>
sealed class PickledCall(PickledName function, object?[] arguments)
{
    public PickledName Function => function;

    public object?[] Arguments => arguments;

    /// <summary>Whether its result is told a state (opcode BUILD), which is not kept.</summary>
    public bool HasState { get; set; }

    /// <summary>What was set into it afterwards: the entries of an OrderedDict.</summary>
    public PickledDictionary Entries { get; } = new();
}

/// <summary>A dictionary in the order in which it was filled; keys are whatever Python has.</summary>
sealed class PickledDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];

    public object? this[string key] => Items.FindLast(item => item.Key as string == key).Value;
}
