using System.Text;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>The expressions.</summary>
sealed partial class Renderer
{
    object? Evaluate(Expression expression, Scope scope)
    {
        Budget.CheckStack();
        Budget.Step();
        switch (expression)
        {
            case Constant constant: return constant.Value;
            case Variable variable:
                return scope.TryGet(variable.Name, out var found) ? found
                : Undefined.Variable(variable.Name);
            case AttributeOf attribute:
                var owner = Evaluate(attribute.Of, scope);
                Position = attribute.At;
                return Attributes.Get(owner, attribute.Name, Budget);
            case ItemOf item:
                var (container, key) = (Evaluate(item.Of, scope), Evaluate(item.Key, scope));
                Position = item.At;
                return Attributes.GetItem(container, key, Budget);
            case SliceOf slice: return EvaluateSlice(slice, scope);
            case Call call:
                var target = Evaluate(call.Target, scope);
                var arguments = EvaluateArguments(NameOf(call.Target), call.Arguments, scope);
                Position = call.At;
                return Call(target, arguments);
            case Filtered filter: return Apply(filter, Evaluate(filter.Input!, scope), scope);
            case Tested test: return EvaluateTest(test, scope);
            case Conditional choice: return EvaluateConditional(choice, scope);
            case Or or: return Evaluate(or.Left, scope) is var left && Operators.Truth(left) ? left : Evaluate(or.Right, scope);
            case And and:
                return Evaluate(and.Left, scope) is var first && !Operators.Truth(first) ? first
                : Evaluate(and.Right, scope);
            case Not not: return !Operators.Truth(Evaluate(not.Operand, scope));
            case Binary binary: return EvaluateBinary(binary, scope);
            case Comparison comparison: return EvaluateComparison(comparison, scope);
            case Concatenation concatenation: return EvaluateConcatenation(concatenation, scope);
            case Unary unary:
                var operand = Evaluate(unary.Operand, scope);
                Position = unary.At;
                return unary.Symbol == '-' ? Arithmetic.Negate(operand) : Arithmetic.Plus(operand);
            case ListOf list: return new ListValue(EvaluateAll(list.Items, scope));
            case TupleOf tuple: return new TupleValue(EvaluateAll(tuple.Items, scope));
            case DictOf dict: return EvaluateDict(dict, scope);
            default: throw new InvalidOperationException($"No evaluation of {expression.GetType().Name}.");
        }
    }

    static string NameOf(Expression target) => target switch
    {
        Variable variable => variable.Name,
        AttributeOf attribute => attribute.Name,
        _ => "call",
    };

    object?[] EvaluateAll(Expression[] items, Scope scope)
    {
        Budget.AllocateItems(items.Length);
        var values = new object?[items.Length];
        for (var i = 0; i < items.Length; i++) values[i] = Evaluate(items[i], scope);
        return values;
    }

    DictValue EvaluateDict(DictOf dict, Scope scope)
    {
        Budget.AllocateItems(2L * dict.Entries.Length);
        var values = new DictValue();
        foreach (var (key, value) in dict.Entries)
        {
            var name = Evaluate(key, scope);
            var item = Evaluate(value, scope);
            Position = dict.At;
            values[name] = item;
        }
        return values;
    }

    object? EvaluateSlice(SliceOf slice, Scope scope)
    {
        object? End(Expression? end) => end is null ? null : Evaluate(end, scope);
        var of = Evaluate(slice.Of, scope);
        var (start, stop, step) = (End(slice.Start), End(slice.Stop), End(slice.Step));
        Position = slice.At;
        return Operators.Slice(of, start, stop, step, Budget);
    }

    object? EvaluateConditional(Conditional choice, Scope scope)
    {
        if (Operators.Truth(Evaluate(choice.Test, scope))) return Evaluate(choice.Then, scope);
        return choice.Else is not null ? Evaluate(choice.Else, scope)
            : Undefined.Because("the inline if-expression evaluated to false and no else section was defined");
    }

    object? EvaluateBinary(Binary binary, Scope scope)
    {
        var (left, right) = (Evaluate(binary.Left, scope), Evaluate(binary.Right, scope));
        Position = binary.At;
        return binary.Symbol switch
        {
            "+" => Arithmetic.Add(left, right, Budget),
            "-" => Arithmetic.Subtract(left, right),
            "*" => Arithmetic.Multiply(left, right, Budget),
            "/" => Arithmetic.Divide(left, right),
            "//" => Arithmetic.FloorDivide(left, right),
            "%" => Arithmetic.Modulo(left, right, Budget),
            _ => Arithmetic.Power(left, right),
        };
    }

    bool EvaluateComparison(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (symbol, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            Position = comparison.At;
            var holds = symbol switch
            {
                "==" => Operators.Equal(left, right, Budget),
                "!=" => !Operators.Equal(left, right, Budget),
                "in" => Operators.Contains(right, left, Budget),
                "not in" => !Operators.Contains(right, left, Budget),
                _ => Operators.Order(symbol, left, right, Budget),
            };
            if (!holds) return false;
            left = right;
        }
        return true;
    }

    string EvaluateConcatenation(Concatenation concatenation, Scope scope)
    {
        var result = new StringBuilder();
        foreach (var item in concatenation.Items)
        {
            var piece = PythonText.Str(Evaluate(item, scope), Budget);
            Budget.Allocate(piece.Length);
            result.Append(piece);
        }
        return result.ToString();
    }

    /// <summary>A block's filters, from the innermost, which takes the block's text, outwards.</summary>
    object? ApplyAll(Filtered filter, string text, Scope scope) =>
        Apply(filter, filter.Input is Filtered inner ? ApplyAll(inner, text, scope) : text, scope);

    object? Apply(Filtered filter, object? input, Scope scope)
    {
        var arguments = EvaluateArguments(filter.Name, filter.Arguments, scope);
        Position = filter.At;
        return Filters.Apply(this, filter.Name, input, arguments);
    }

    bool EvaluateTest(Tested test, Scope scope)
    {
        var input = Evaluate(test.Input, scope);
        var arguments = EvaluateArguments(test.Name, test.Arguments, scope);
        Position = test.At;
        return Tests.Apply(this, test.Name, input, arguments);
    }

    Arguments EvaluateArguments(string callee, CallArguments arguments, Scope scope)
    {
        if (arguments == CallArguments.None) return new Arguments(callee, [], []);
        var positional = EvaluateAll(arguments.Positional, scope);
        if (arguments.Starred is not null)
            positional = [.. positional, .. Operators.ToArray(Evaluate(arguments.Starred, scope), Budget)];
        var named = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in arguments.Named) named.Add(new(name, Evaluate(value, scope)));
        if (arguments.DoubleStarred is not null)
        {
            if (Evaluate(arguments.DoubleStarred, scope) is not DictValue dict)
                throw PythonError.Type($"{callee}() argument after ** must be a mapping");
            foreach (var (key, value) in dict)
                named.Add(new(key as string ?? throw PythonError.Type("keywords must be strings"), value));
        }
        return new Arguments(callee, positional, named);
    }

    /// <summary>Calls anything that can be called.</summary>
    public object? Call(object? target, Arguments arguments) => target switch
    {
        Undefined undefined => throw undefined.Error(),
        Callable callable => callable.Call(this, arguments),
        _ => throw PythonError.Type($"'{PythonText.TypeName(target)}' object is not callable"),
    };
}
