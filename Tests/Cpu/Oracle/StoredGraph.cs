using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Cpu.Oracle;

/// <summary>A small graph with stored inputs and results of a real run, one text file a tensor.</summary>
internal sealed class StoredGraph(string folder, string name)
{
    private const string ResultEnding = ".prediction.csv";
    private const string FeedEnding = ".placeholder.csv";

    public string Name => name;

    public Graph Graph { get; } = GraphDefReader.Read(File.ReadAllBytes(Path.Combine(folder, "frozen_model.pb")));

    /// <summary>Stored results by output.</summary>
    public Dictionary<string, (TensorShape Shape, string[] Values)> Results() => Stored(ResultEnding);

    /// <summary>Stored inputs.</summary>
    public Dictionary<string, Tensor> Feeds() => Stored(FeedEnding).ToDictionary(
        entry => entry.Key,
        entry => Parse(Graph.Find(new NodeInput(entry.Key).Node)?.TypeAttribute("dtype") ?? DataType.Float, entry.Value.Shape, entry.Value.Values));

    /// <summary>Unpacks the graphs of a tar.xz archive; null where it cannot be unpacked.</summary>
    public static string? Unpack(string archive)
    {
        string target = Directory.CreateTempSubdirectory("stored-graphs").FullName;
        try
        {
            using var process = System.Diagnostics.Process.Start("tar", ["-xJf", archive, "-C", target]);
            process.WaitForExit();
            return process.ExitCode == 0 ? target : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A tensor of numbers or truth values from text.</summary>
    public static Tensor Parse(DataType type, TensorShape shape, string[] values) => type switch
    {
        DataType.Bool => Tensor.Create<bool>(type, shape, [.. values.Select(value => value is "True" or "true" or "1")]),
        DataType.Int32 => Tensor.Create<int>(type, shape, [.. values.Select(value => (int)Number(value))]),
        DataType.Int64 => Tensor.Create<long>(type, shape, [.. values.Select(value => (long)Number(value))]),
        DataType.Double => Tensor.Create<double>(type, shape, [.. values.Select(Number)]),
        DataType.Half => Tensor.Create<Half>(type, shape, [.. values.Select(value => (Half)Number(value))]),
        DataType.UInt8 => Tensor.Create<byte>(type, shape, [.. values.Select(value => (byte)Number(value))]),
        DataType.String => Tensor.FromStrings(shape, [.. values.Select(value => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(value))]),
        _ => Tensor.Create<float>(DataType.Float, shape, [.. values.Select(value => (float)Number(value))]),
    };

    public static double Number(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" => 1,
        "false" => 0,
        "nan" or "-nan" => double.NaN,
        "inf" or "infinity" => double.PositiveInfinity,
        "-inf" or "-infinity" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private Dictionary<string, (TensorShape Shape, string[] Values)> Stored(string ending)
    {
        var stored = new Dictionary<string, (TensorShape, string[])>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*" + ending))
        {
            string text = Path.GetFileName(file)[..^ending.Length].Replace("____", "/", StringComparison.Ordinal);
            string[] values = [.. File.ReadAllLines(file).Where(line => line.Length > 0)];
            string[] dimensions = File.Exists(Path.ChangeExtension(file, ".shape")) ? File.ReadAllLines(Path.ChangeExtension(file, ".shape")) : [];
            TensorShape shape = TensorShape.Of(dimensions.Where(line => line.Length > 0).Select(line => long.Parse(line, CultureInfo.InvariantCulture)).ToArray());
            bool isScalar = values.Length == 1 && shape.ElementCount == 0;
            stored[OutputName(text)] = (isScalar ? TensorShape.Scalar : shape, values);
        }
        return stored;
    }

    private string OutputName(string text)
    {
        int dot = text.LastIndexOf('.');
        bool hasPort = dot > 0 && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) && !Graph.TryFind(text, out _);
        return hasPort ? $"{text[..dot]}:{text[(dot + 1)..]}" : text;
    }
}
