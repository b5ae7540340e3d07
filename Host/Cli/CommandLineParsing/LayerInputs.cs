using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The inputs that the <c>--input_layer…</c> options of the original benchmark_model describe: zeros, or listed values.</summary>
internal static class LayerInputs
{
    private const long MostElements = 1 << 28;

    private static readonly DataType[] Types = [DataType.Int32, DataType.Float, DataType.QUInt8, DataType.UInt8, DataType.Bool, DataType.String];

    /// <param name="layers">Names, separated by commas.</param>
    /// <param name="shapes">Shapes as dimensions separated by commas; the shapes are separated by colons.</param>
    /// <param name="types">Names of types, separated by commas.</param>
    /// <param name="values">First elements as numbers separated by commas, zeros after them; the tensors are separated by colons. Empty for zeros.</param>
    /// <exception cref="CommandException">The counts differ, or a text is no type, shape or number.</exception>
    public static Dictionary<string, Tensor> Read(string layers, string shapes, string types, string values)
    {
        string[] names = layers.Split(',', StringSplitOptions.RemoveEmptyEntries);
        string[] dimensions = shapes.Split(':');
        string[] elements = types.Split(',');
        string[] given = values.Length == 0 ? [.. names.Select(_ => "")] : values.Split(':');
        if (dimensions.Length != names.Length || elements.Length != names.Length || given.Length != names.Length)
        {
            throw CommandException.Usage("There must be the same number of items in --input_layer, --input_layer_shape, and --input_layer_type (and --input_layer_values)",
                "For example --input_layer=input1,input2 --input_layer_type=float,float --input_layer_shape=1,224,224,4:1,20");
        }
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
            feeds[names[i]] = Filled(Type(elements[i]), Shape(dimensions[i]), given[i]);
        return feeds;
    }

    private static DataType Type(string name) => DataTypes.TryParse(name, out DataType type) && Types.Contains(type)
        ? type
        : throw CommandException.Usage($"--input_layer_type: the type '{name}' is not supported", $"The types are {string.Join(", ", Types.Select(known => known.Name()))}.");

    private static TensorShape Shape(string text)
    {
        var dimensions = text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(dimension => long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw CommandException.Usage($"--input_layer_shape: '{text}' is not a known shape", "Write each dimension as a whole number, with commas between; -1 is not known."));
        var shape = TensorShape.Of([.. dimensions]);
        return shape.TryCount(out long count) && count <= MostElements
            ? shape
            : throw CommandException.Usage($"--input_layer_shape: '{text}' has too many elements", $"At most {MostElements} fit.");
    }

    private static Tensor Filled(DataType type, TensorShape shape, string values)
    {
        string[] given = values.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (given.Length > shape.ElementCount)
            throw CommandException.Usage($"--input_layer_values: {given.Length} values for a tensor of shape {shape}");
        if (type == DataType.String)
            return Tensor.FromStrings(shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(i < given.Length ? given[i] : ""))]);
        double[] numbers = [.. given.Select(Number)];
        return type switch
        {
            DataType.Float => Tensor.Create<float>(type, shape, Padded(numbers, shape, value => (float)value)),
            DataType.Int32 => Tensor.Create<int>(type, shape, Padded(numbers, shape, value => (int)value)),
            DataType.Bool => Tensor.Create<bool>(type, shape, Padded(numbers, shape, value => value != 0)),
            _ => Tensor.Create<byte>(type, shape, Padded(numbers, shape, value => (byte)value)),
        };
    }

    private static T[] Padded<T>(double[] numbers, TensorShape shape, Func<double, T> convert)
    {
        var elements = new T[shape.ElementCount];
        for (int i = 0; i < numbers.Length; i++)
            elements[i] = convert(numbers[i]);
        return elements;
    }

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? number
        : throw CommandException.Usage($"--input_layer_values: '{text}' is no number");
}
