using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>A call of an operator: arguments by position, by keyword, or of its constructor.</summary>
/// <param name="Graph">Where its nodes go.</param>
/// <param name="Arguments">The call's.</param>
/// <param name="Configuration">The constructor's.</param>
/// <param name="Generation">Generation of Keras.</param>
internal sealed record OperatorCall(GraphBuilder Graph, CallArguments Arguments, ConfigurationObject Configuration, int Generation)
{
    private static readonly string[] FirstNames = ["x", "x1", "a", "input", "inputs", "input_tensor", "tensor", "value", "values", "image", "images", "features", "logits", "labels", "indices", "condition", "params"];

    /// <summary>An argument by keyword, by constructor, or by position; null where it is absent.</summary>
    public Argument? Find(int position, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Arguments.Named.TryGetValue(name, out Argument? named))
                return named is ValueArgument { Value.ValueKind: JsonValueKind.Null } ? null : named;
            if (Configuration.Find(name) is { } value)
                return new ValueArgument(value);
        }
        if (position < 0 || position >= Arguments.Positional.Length)
            return null;
        return Arguments.Positional[position] is ValueArgument { Value.ValueKind: JsonValueKind.Null } ? null : Arguments.Positional[position];
    }

    /// <summary>An operand; a constant becomes one of the graph, of the type of <paramref name="like"/> where that can hold it.</summary>
    /// <exception cref="KerasException">It is absent.</exception>
    public Symbol Tensor(int position, Symbol? like = null, params ReadOnlySpan<string> names) => Optional(position, like, names) ?? throw KerasException.Configuration($"its operand {position} is missing");

    /// <summary>An operand that may be absent.</summary>
    public Symbol? Optional(int position, Symbol? like = null, params ReadOnlySpan<string> names) => Find(position, names.IsEmpty && position == 0 ? FirstNames : names) switch
    {
        null => null,
        TensorArgument tensor => tensor.Value.Unmasked,
        ListArgument list => Graph.Stack([.. list.Items.Select(item => Of(item, like))], 0, "packed"),
        ValueArgument value => JsonTensor.Of(Graph, "Const", value.Value, like?.Type),
        _ => throw KerasException.Configuration($"its operand {position} is not a tensor"),
    };

    /// <summary>Operands given as one list, or one after the other.</summary>
    public ImmutableArray<Symbol> Tensors()
    {
        if (Arguments.Positional.Length == 0 && Find(-1, "values", "xs", "arrays", "inputs") is ListArgument named)
            return [.. named.Tensors()];
        Symbol? first = Arguments.Positional.SelectMany(argument => argument.Tensors()).FirstOrDefault();
        IEnumerable<Argument> items = Arguments.Positional is [ListArgument list, ..] ? list.Items : Arguments.Positional.Where(argument => argument is TensorArgument);
        return [.. items.Select(item => Of(item, first))];
    }

    /// <summary>An integer, or null where it is absent.</summary>
    public long? Integer(int position, params ReadOnlySpan<string> names) => Find(position, names) is ValueArgument { Value: var value } && ConfigurationObject.NumberOf(value) is { } number ? (long)number : null;

    /// <summary>Integers: a list or one; null where it is absent.</summary>
    public ImmutableArray<long>? Integers(int position, params ReadOnlySpan<string> names)
    {
        if (Find(position, names) is not ValueArgument { Value: var value })
            return null;
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select(Whole)];
        return [Whole(value)];
    }

    /// <summary>A number, or the fallback.</summary>
    public double Number(double fallback, int position, params ReadOnlySpan<string> names) => Find(position, names) is ValueArgument { Value: var value } ? ConfigurationObject.NumberOf(value) ?? fallback : fallback;

    /// <summary>True or false, or the fallback.</summary>
    public bool Flag(bool fallback, int position, params ReadOnlySpan<string> names) => Find(position, names) is ValueArgument { Value: var value } ? value.ValueKind == JsonValueKind.True : fallback;

    /// <summary>A text, or the fallback.</summary>
    public string Text(string fallback, int position, params ReadOnlySpan<string> names) => Find(position, names) is ValueArgument { Value: { ValueKind: JsonValueKind.String } value } ? value.GetString()! : fallback;

    /// <summary>An element type, or the fallback.</summary>
    public DataType Type(DataType fallback, int position, params ReadOnlySpan<string> names) => Text("", position, names) is { Length: > 0 } name ? TypePolicy.TypeOf(name, Configuration.Owner) : fallback;

    /// <summary>Axes counted from the front; all of them where none is given.</summary>
    public ImmutableArray<int> AxesOf(Symbol x, int position = 1, params ReadOnlySpan<string> names) =>
        Integers(position, names.IsEmpty ? ["axis", "axes"] : names) is { } axes ? Axes.Normalize(axes, x.Rank) : ReductionOps.AllAxes(x);

    /// <summary>The operand as one of a type that the op has: floating, or truth values.</summary>
    public Symbol Floating(Symbol x, string op) => op == "LogicalNot"
        ? Graph.Cast(x, DataType.Bool)
        : x.IsFloating || x.Type is DataType.Bool or DataType.Complex64 or DataType.Complex128 || op is "Abs" or "Neg" or "Sign" or "Square" or "Identity" or "StopGradient" or "OnesLike" or "ZerosLike" or "Relu" or "Relu6" or "Invert"
            ? x
            : Graph.Cast(x, DataType.Float);

    private Symbol Of(Argument argument, Symbol? like) => argument switch
    {
        TensorArgument tensor => tensor.Value.Unmasked,
        ValueArgument value => JsonTensor.Of(Graph, "Const", value.Value, like?.Type),
        _ => throw KerasException.Configuration("an operand is a list of lists"),
    };

    private long Whole(JsonElement value) => ConfigurationObject.NumberOf(value) is { } number && number == Math.Floor(number) && Math.Abs(number) < 1L << 31
        ? (long)number
        : throw KerasException.Configuration($"an argument {value.GetRawText()} is not an integer");
}
