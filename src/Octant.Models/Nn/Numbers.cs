using TorchSharp;
using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// Sums of tensors, and their arithmetic with plain numbers. TorchSharp's own operators make a scalar of the number, and of the factor 1
/// of what is added, which the collector may free while libtorch still reads it: seen as an exception once in some ten thousand
/// collections. Here it is kept until the call has returned, and so is the tensor of which the number is read.
/// </summary>
public static class Numbers
{
    // The factor of what is added or subtracted, of which TorchSharp makes a new scalar each time, even where two tensors meet.
    static readonly Scalar One = 1;

    /// <summary>x + y</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + factor · y</summary>
    public static Tensor Plus(this Tensor x, Tensor y, double factor)
    {
        using Scalar scalar = factor;
        return x.add(y, scalar);
    }

    /// <summary>x + factor · y, in place.</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y, double factor)
    {
        using Scalar scalar = factor;
        return x.add_(y, scalar);
    }

    /// <summary>x + factor · a · b, element by element, in place.</summary>
    public static Tensor PlusProductInPlace(this Tensor x, Tensor a, Tensor b, double factor)
    {
        using Scalar scalar = factor;
        return x.addcmul_(a, b, scalar);
    }

    /// <summary>x + factor · a / b, element by element, in place.</summary>
    public static Tensor PlusQuotientInPlace(this Tensor x, Tensor a, Tensor b, double factor)
    {
        using Scalar scalar = factor;
        return x.addcdiv_(a, b, scalar);
    }

    /// <summary>x + number</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.add(scalar, One);
    }

    /// <summary>x + number, in place.</summary>
    public static Tensor PlusInPlace(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.add_(scalar, One);
    }

    /// <summary>1 - x</summary>
    public static Tensor Complement(this Tensor x) => x.neg().add(One, One);

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

    /// <summary>x / number</summary>
    public static Tensor Over(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.div(scalar);
    }

    /// <summary>x²</summary>
    public static Tensor Square(this Tensor x) => x.mul(x);

    /// <summary>x to the power of a number.</summary>
    public static Tensor Power(this Tensor x, double exponent)
    {
        using Scalar scalar = exponent;
        return x.pow(scalar);
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

    /// <summary>Every element brought up to a bound.</summary>
    public static Tensor AtLeast(this Tensor x, double lowest)
    {
        using Scalar low = lowest;
        return x.clamp_min(low);
    }

    /// <summary>Which elements are another whole number.</summary>
    /// <returns>bool, of x's shape</returns>
    public static Tensor IsNot(this Tensor x, long number)
    {
        using Scalar scalar = number;
        return x.ne(scalar);
    }

    /// <summary>Which elements are less than a number.</summary>
    /// <returns>bool, of x's shape</returns>
    public static Tensor IsBelow(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.lt(scalar);
    }

    /// <summary>One number everywhere.</summary>
    public static Tensor Full(long[] shape, double number, ScalarType type, Device device)
    {
        using Scalar scalar = number;
        return full(shape, scalar, type, device);
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
