using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Operators;

/// <summary>Constants of a configuration: numbers, nested lists, <c>__numpy__</c> objects.</summary>
internal static class JsonTensor
{
    private const int MaxDepth = 16;

    /// <summary>A constant of the graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Name of its node.</param>
    /// <param name="value">The JSON.</param>
    /// <param name="type">The type that it should have; whole numbers cannot hold fractions, then it is float.</param>
    /// <exception cref="KerasException">It is no tensor.</exception>
    public static Symbol Of(GraphBuilder graph, string name, JsonElement value, DataType? type)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("value", out JsonElement inner))
        {
            if (config.TryGetProperty("dtype", out JsonElement named) && named.ValueKind == JsonValueKind.String)
                type = TypePolicy.TypeOf(named.GetString()!, "a constant");
            value = inner;
        }
        if (value.ValueKind == JsonValueKind.String && ConfigurationObject.NumberOf(value) is null)
            return graph.Strings(name, TensorShape.Scalar, [value.GetString()!]);
        var numbers = new List<double>();
        var shape = new List<long>();
        bool isWhole = true;
        Collect(value, 0, shape, numbers, ref isWhole);
        if (numbers.Count != Axes.Product(shape))
            throw KerasException.Configuration("a constant is a ragged list");
        bool isBool = value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        DataType chosen = type ?? (isBool ? DataType.Bool : isWhole ? DataType.Int32 : DataType.Float);
        bool holdsFractions = chosen is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;
        return graph.Constant(name, Tensors.Of(holdsFractions || isWhole ? chosen : DataType.Float, TensorShape.Of([.. shape]), [.. numbers]));
    }

    private static void Collect(JsonElement value, int depth, List<long> shape, List<double> numbers, ref bool isWhole)
    {
        if (depth > MaxDepth)
            throw KerasException.Configuration("a constant has too many axes");
        if (value.ValueKind != JsonValueKind.Array)
        {
            double number = ConfigurationObject.NumberOf(value) ?? throw KerasException.Configuration($"{value.GetRawText()} is not a number");
            isWhole &= value.ValueKind is JsonValueKind.True or JsonValueKind.False || (value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny(".eE"));
            numbers.Add(number);
            return;
        }
        if (shape.Count == depth)
            shape.Add(value.GetArrayLength());
        else if (shape[depth] != value.GetArrayLength())
            throw KerasException.Configuration("a constant is a ragged list");
        foreach (JsonElement item in value.EnumerateArray())
            Collect(item, depth + 1, shape, numbers, ref isWhole);
    }
}
