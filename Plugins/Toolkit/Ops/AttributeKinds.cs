using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>How values of attributes relate to the kinds that ops declare.</summary>
internal static class AttributeKinds
{
    private const string ListPrefix = "list(";

    /// <summary>True when a value is of a kind, in TensorFlow's spelling (<c>int</c>, <c>list(type)</c>, …).</summary>
    public static bool Contains(string kind, AttributeValue value)
    {
        if (value is ListValue list)
            return kind.StartsWith(ListPrefix, StringComparison.Ordinal) && list.Items.All(item => Contains(kind[ListPrefix.Length..^1], item));
        return kind switch
        {
            "string" => value is BytesValue,
            "int" => value is IntValue,
            "float" => value is FloatValue,
            "bool" => value is BoolValue,
            "type" => value is TypeValue { Value: not DataType.Invalid } type && !type.Value.IsReference(),
            "shape" => value is ShapeValue,
            "tensor" => value is TensorValue,
            "func" => value is FunctionValue,
            _ => value is PlaceholderValue,
        };
    }

    /// <summary>What an op's minimum is compared with: the integer, or the length of the list.</summary>
    public static long Size(AttributeValue value) => value switch
    {
        IntValue number => number.Value,
        ListValue list => list.Items.Length,
        _ => long.MaxValue,
    };

    /// <summary>The value as messages show it.</summary>
    public static string Text(AttributeValue value) => value switch
    {
        TypeValue type => type.Value.Name(),
        BytesValue text => text.Text,
        _ => value.ToString(),
    };

    /// <summary>The items of a list, or the value.</summary>
    public static IEnumerable<AttributeValue> Elements(AttributeValue value) => value is ListValue list ? list.Items : [value];
}
