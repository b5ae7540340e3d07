using System.Text.Json;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Configuration;

/// <summary>Element types of a layer.</summary>
/// <param name="Compute">What it computes in.</param>
/// <param name="Variable">What its weights are stored in.</param>
internal readonly record struct TypePolicy(DataType Compute, DataType Variable)
{
    public static readonly TypePolicy Float = new(DataType.Float, DataType.Float);

    /// <summary>The policy of a layer's <c>dtype</c>: a name, a policy object, or nothing.</summary>
    /// <exception cref="KerasException">No such type.</exception>
    public static TypePolicy Of(ConfigurationObject configuration) => configuration.Find("dtype") switch
    {
        null => Float,
        { ValueKind: JsonValueKind.String } name => Named(name.GetString()!, configuration.Owner),
        { ValueKind: JsonValueKind.Object } value when value.TryGetProperty("config", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            => Named(name.GetString()!, configuration.Owner),
        _ => throw configuration.Wrong("dtype", "a type or a policy"),
    };

    /// <summary>An element type by its NumPy name.</summary>
    /// <exception cref="KerasException">No such type.</exception>
    public static DataType TypeOf(string name, string owner) => DataTypes.TryParse(name, out DataType type) && !type.IsReference() && type is not (DataType.Resource or DataType.Variant)
        ? type
        : throw KerasException.Configuration($"{owner}: there is no element type '{name}'");

    private static TypePolicy Named(string name, string owner) => name switch
    {
        "mixed_float16" => new(DataType.Half, DataType.Float),
        "mixed_bfloat16" => new(DataType.BFloat16, DataType.Float),
        "_infer" or "infer" or "infer_with_float32_vars" => Float,
        _ when name.StartsWith("int8", StringComparison.Ordinal) && name.Contains("_from_", StringComparison.Ordinal) || name.StartsWith("float8", StringComparison.Ordinal) || name.StartsWith("int4", StringComparison.Ordinal)
            => throw KerasException.Option($"{owner}: quantized weights ('{name}') are not read"),
        _ => new(TypeOf(name, owner), TypeOf(name, owner)),
    };
}
