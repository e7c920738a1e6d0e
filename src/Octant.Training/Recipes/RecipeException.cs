namespace Octant.Training.Recipes;

/// <summary>A recipe says something that it must not, or lacks something that it must say.</summary>
public sealed class RecipeException(string message, Exception? inner = null) : OctantException(message, inner);
