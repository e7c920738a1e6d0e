namespace Octant.Generation;

/// <summary>The sizes of a language model that its users need to know.</summary>
/// <param name="Vocabulary">how many tokens it scores</param>
/// <param name="Context">how many tokens a sequence may have</param>
/// <param name="Width">numbers in a hidden state</param>
/// <param name="Layers">depth</param>
public sealed record ModelShape(int Vocabulary, int Context, int Width, int Layers);
