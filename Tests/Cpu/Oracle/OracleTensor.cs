using System.Text.Json;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Oracle;

/// <summary>A named tensor of an oracle record.</summary>
internal sealed record OracleTensor(string Name, Tensor Value)
{
    public static OracleTensor Parse(JsonElement json, IReadOnlyDictionary<string, Tensor> arrays)
    {
        string name = json.GetProperty("name").GetString()!;
        DataType type = TypeOf(json.GetProperty("type").GetString()!);
        TensorShape shape = TensorShape.Of(json.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64()).ToArray());
        ReadOnlyMemory<byte> bytes = json.TryGetProperty("hex", out var hex)
            ? Convert.FromHexString(hex.GetString()!)
            : arrays[json.GetProperty("array").GetString()!].Bytes;
        bool isText = json.TryGetProperty("bytes", out var flag) && flag.GetBoolean();
        return new(name, isText ? Tensor.FromStrings(TensorShape.Scalar, [bytes]) : Tensor.FromContent(type, shape, bytes));
    }

    /// <summary>A type by TensorFlow's name or NumPy's.</summary>
    public static DataType TypeOf(string name)
    {
        string known = name switch { "float32" => "float", "float64" => "double", "float16" => "half", _ => name };
        return DataTypes.TryParse(known, out DataType type) ? type : throw new InvalidDataException($"unknown type '{name}'");
    }
}
