using System.Globalization;
using System.Numerics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Data;

/// <summary>
/// Makes tensors of what the command line gives for an input: <c>x.npy</c>, <c>x.npz:key</c>, <c>photo.jpg?size=224x224&amp;mean=127.5&amp;scale=0.0078431</c>,
/// <c>a.wav</c>, <c>raw:x.bin</c>, <c>random:SEED</c>, <c>random:SEED?shape=1x224x224x3</c>, <c>text:STRING</c> or a number.
/// </summary>
public static class FeedReader
{
    /// <param name="value">What the command line gives.</param>
    /// <param name="type">Type that the input wants.</param>
    /// <param name="shape">Shape that the input wants, as far as known.</param>
    /// <exception cref="FeedException">The value is none of the forms, or does not fit the input.</exception>
    public static Tensor Read(string value, DataType type, TensorShape shape)
    {
        try
        {
            return Fit(ReadAny(value, type, shape), type, shape);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            throw new FeedException($"'{value}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>A tensor as an input wants it: its numbers converted to the input's type.</summary>
    /// <exception cref="FeedException">Type or shape do not fit.</exception>
    public static Tensor Fit(Tensor tensor, DataType type, TensorShape shape)
    {
        if (tensor.Type != type)
            tensor = Retyped(tensor, type);
        return Fits(tensor.Shape, shape) ? tensor : throw new FeedException($"the value has shape {tensor.Shape}, the input wants {shape}");
    }

    private static Tensor ReadAny(string value, DataType type, TensorShape shape)
    {
        if (value.StartsWith("random:", StringComparison.Ordinal))
            return Random(value["random:".Length..], type, shape);
        if (value.StartsWith("raw:", StringComparison.Ordinal))
            return Raw(value["raw:".Length..], type, shape);
        if (value.StartsWith("text:", StringComparison.Ordinal))
            return Tensor.FromStrings(TensorShape.Scalar, [System.Text.Encoding.UTF8.GetBytes(value["text:".Length..])]);
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || bool.TryParse(value, out bool truth) && (number = truth ? 1 : 0) >= 0)
            return Filled(type, shape, number);
        string path = value.Split('?')[0];
        if (ImageFile.IsPicture(path))
            return type == DataType.String ? Bytes(path) : ImageFile.Read(path, ImageOptions.Parse(value[Math.Min(value.Length, path.Length + 1)..]), type, shape);
        if (path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase))
            return type == DataType.String ? Bytes(path) : WaveFile.ReadSamples(path);
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            return NpyFile.Read(File.ReadAllBytes(path));
        int archive = value.IndexOf(".npz", StringComparison.OrdinalIgnoreCase);
        if (archive >= 0)
            return FromArchive(value[..(archive + 4)], value[(archive + 4)..].TrimStart(':'));
        throw new FeedException($"'{value}' is not a value: give a number, random:SEED, text:STRING, raw:FILE, FILE.npy, FILE.npz:KEY, a picture or a .wav file");
    }

    private static Tensor Random(string value, DataType type, TensorShape shape)
    {
        const string ShapeOption = "?shape=";
        int option = value.IndexOf(ShapeOption, StringComparison.Ordinal);
        if (option < 0)
            return RandomTensors.Create(type, shape, (int)Number(value, "the seed"));
        var dimensions = value[(option + ShapeOption.Length)..].Split('x').Select(dimension => uint.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out uint size) ? size : -1L);
        var given = TensorShape.Of([.. dimensions]);
        return given.Dimensions.Min() > 0 && given.TryCount(out long count) && count <= Array.MaxLength / sizeof(double)
            ? RandomTensors.Create(type, given, (int)Number(value[..option], "the seed"))
            : throw new FeedException($"'{value[(option + ShapeOption.Length)..]}' is no shape of a random tensor: give whole numbers from 1 with x between, such as 1x224x224x3");
    }

    private static Tensor FromArchive(string path, string key)
    {
        using FileStream stream = File.OpenRead(path);
        var arrays = NpzFile.Read(stream);
        if (key.Length == 0 && arrays.Count == 1)
            return arrays.Values.First();
        return arrays.TryGetValue(key, out var tensor)
            ? tensor
            : throw new FeedException($"'{path}' has no array '{key}'; it has {string.Join(", ", arrays.Keys.Order(StringComparer.Ordinal))}");
    }

    private static Tensor Raw(string path, DataType type, TensorShape shape)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (type == DataType.String)
            return Bytes(path);
        long known = shape.Dimensions.Where(dimension => dimension > 0).Aggregate((long)type.Size(), (product, dimension) => product * dimension);
        if (known == 0 || bytes.Length % known != 0)
            throw new FeedException($"'{path}' has {bytes.Length} bytes, not a multiple of {known} (type {type.Name()}, shape {shape})");
        if (shape.IsUnknownRank)
            return Tensor.FromContent(type, TensorShape.Of(bytes.Length / type.Size()), bytes);
        int free = shape.Dimensions.Count(dimension => dimension < 0);
        long rest = bytes.Length / known;
        if (free == 0 && rest != 1)
            throw new FeedException($"'{path}' has {bytes.Length} bytes, shape {shape} of {type.Name()} needs {known}");
        bool taken = false;
        long[] dimensions = [.. shape.Dimensions.Select(dimension => dimension >= 0 ? dimension : taken ? 1 : Take())];
        return Tensor.FromContent(type, TensorShape.Of(dimensions), bytes);

        long Take()
        {
            taken = true;
            return rest;
        }
    }

    private static Tensor Bytes(string path) => Tensor.FromStrings(TensorShape.Scalar, [File.ReadAllBytes(path)]);

    private static Tensor Filled(DataType type, TensorShape shape, double number)
    {
        TensorShape full = shape.IsUnknownRank ? TensorShape.Scalar : TensorShape.Of(shape.Dimensions.Select(dimension => Math.Max(dimension, 1)).ToArray());
        double[] values = new double[checked((int)full.ElementCount)];
        Array.Fill(values, number);
        return Retyped(Tensor.Create<double>(DataType.Double, full, values), type);
    }

    /// <summary>Numbers are converted to the input's type when that loses nothing but precision; integers of quantized types are taken as they are.</summary>
    private static Tensor Retyped(Tensor tensor, DataType type) => (tensor.Type, type) switch
    {
        _ when tensor.Type == type => tensor,
        (DataType.UInt8, DataType.QUInt8) or (DataType.Int8, DataType.QInt8) or (DataType.Int32, DataType.QInt32) or (DataType.UInt16, DataType.BFloat16)
            or (DataType.Int16, DataType.QInt16) or (DataType.UInt16, DataType.QUInt16) => Tensor.FromContent(type, tensor.Shape, tensor.Bytes),
        (DataType.UInt8, DataType.String) => Tensor.FromStrings(TensorShape.Scalar, [tensor.Bytes]),
        (DataType.String, _) or (_, DataType.String) => throw new FeedException($"the value has type {tensor.Type.Name()}, the input wants {type.Name()}"),
        _ => Convert(tensor, type),
    };

    private static Tensor Convert(Tensor tensor, DataType type)
    {
        double[] values = tensor.Type switch
        {
            DataType.Double => tensor.AsSpan<double>().ToArray(),
            DataType.Int64 => [.. tensor.AsSpan<long>().ToArray().Select(value => (double)value)],
            DataType.Int32 => [.. tensor.AsSpan<int>().ToArray().Select(value => (double)value)],
            _ => [.. tensor.ToSingles().Select(value => (double)value)],
        };
        return type switch
        {
            DataType.Float => Store<float>(),
            DataType.Double => Store<double>(),
            DataType.Half => Store<Half>(),
            DataType.Int64 => Store<long>(),
            DataType.Int32 or DataType.QInt32 => Store<int>(),
            DataType.UInt32 => Store<uint>(),
            DataType.Int16 => Store<short>(),
            DataType.UInt16 => Store<ushort>(),
            DataType.Int8 or DataType.QInt8 => Store<sbyte>(),
            DataType.UInt8 or DataType.QUInt8 => Store<byte>(),
            DataType.Bool => Tensor.Create<bool>(type, tensor.Shape, [.. values.Select(value => value != 0)]),
            _ => throw new FeedException($"the value has type {tensor.Type.Name()}, the input wants {type.Name()}"),
        };

        Tensor Store<T>()
            where T : unmanaged, INumberBase<T>
        {
            Tensor result = Tensor.Allocate<T>(type, tensor.Shape, out var elements);
            for (int i = 0; i < elements.Length; i++)
            {
                elements[i] = T.CreateSaturating(values[i]);
                bool isWhole = T.IsInteger(elements[i]) && typeof(T) != typeof(float) && typeof(T) != typeof(Half);
                if (isWhole && double.CreateTruncating(elements[i]) != values[i])
                    throw new FeedException($"{values[i].ToString(CultureInfo.InvariantCulture)} does not fit type {type.Name()}");
            }
            return result;
        }
    }

    private static double Number(string text, string what) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw new FeedException($"{what} is a number, not '{text}'");

    /// <summary>A stated scalar counts as unknown: old graphs have it on every placeholder.</summary>
    private static bool Fits(TensorShape actual, TensorShape wanted) =>
        wanted.IsUnknownRank || wanted.Rank == 0 || (actual.Rank == wanted.Rank && actual.Dimensions.Zip(wanted.Dimensions).All(pair => pair.Second < 0 || pair.First == pair.Second));
}
