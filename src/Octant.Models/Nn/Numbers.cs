using TorchSharp;
using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// Sums of tensors, and their arithmetic with plain numbers. TorchSharp's own operators make a scalar of the number, and of the factor 1
/// of what is added, which the collector may free while libtorch still reads it: seen as an exception once in some ten thousand
/// collections. Here it is kept until the call has returned. For the same reason a tensor's number is read from its data, not by item().
/// </summary>
public static class Numbers
{
    // The factor of what is added or subtracted, of which TorchSharp makes a new scalar each time, even where two tensors meet.
    static readonly Scalar One = 1;

    /// <summary>x + y</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + number</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.add(scalar, One);
    }

    /// <summary>x · number</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.mul(scalar);
    }

    /// <summary>x · number, in place.</summary>
    public static Tensor TimesInPlace(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.mul_(scalar);
    }

    /// <summary>x - number, for whole numbers.</summary>
    public static Tensor Minus(this Tensor x, long number)
    {
        using Scalar scalar = -number;
        return x.add(scalar, One);
    }

    /// <summary>Every element brought between two bounds.</summary>
    public static Tensor Between(this Tensor x, double lowest, double highest)
    {
        using Scalar low = lowest, high = highest;
        return x.clamp(low, high);
    }

    /// <summary>Every element brought up to a bound, for whole numbers.</summary>
    public static Tensor AtLeast(this Tensor x, long lowest)
    {
        using Scalar low = lowest;
        return x.clamp_min(low);
    }

    /// <summary>first, first + 1, ..., end - 1</summary>
    /// <returns>[end - first] int64</returns>
    public static Tensor Range(long first, long end, Device device)
    {
        using Scalar start = first, stop = end, step = 1L;
        return arange(start, stop, step, dtype: int64, device: device);
    }

    /// <summary>The one number of a tensor, whatever its type.</summary>
    public static double Number(this Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.detach().to_type(float64).cpu().contiguous().data<double>()[0];
    }
}
