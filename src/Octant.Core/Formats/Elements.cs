namespace Octant.Formats;
/// <summary>Temporary, replaced at the merge.</summary>
public static class Elements
{
    /// <summary>Temporary.</summary>
    public static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        if (type != ElementType.BF16) throw new CheckpointException(type.ToString());
        for (var i = 0; i < target.Length; i++)
            target[i] = BitConverter.Int32BitsToSingle((source[2 * i] | source[2 * i + 1] << 8) << 16);
    }
}
