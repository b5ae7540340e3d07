using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>
/// Makes tensors of what the command line gives for an input: <c>x.npy</c>, <c>x.npz:key</c>, <c>photo.jpg?size=224x224&amp;mean=127.5&amp;scale=0.0078431</c>,
/// <c>a.wav</c>, <c>raw:x.bin</c>, <c>random:SEED</c>, <c>random:SEED?shape=1x224x224x3</c>, <c>text:STRING</c>, a number, or numbers with commas between.
/// </summary>
public static class FeedReader
{
    private const long MostFilled = 1 << 28;

    /// <param name="value">What the command line gives.</param>
    /// <param name="type">Type that the input wants.</param>
    /// <param name="shape">Shape that the input wants, as far as known.</param>
    /// <param name="isSerialized">The input's strings are serialized messages.</param>
    /// <exception cref="FeedException">The value is none of the forms, or does not fit the input.</exception>
    public static Tensor Read(string value, DataType type, TensorShape shape, bool isSerialized = false)
    {
        try
        {
            return Fit(ReadAny(value, type, shape, isSerialized), type, shape);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException or ArgumentException)
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
        return Fits(tensor.Shape, shape) ? tensor : WithRank(tensor, shape) ?? throw new FeedException($"the value has shape {tensor.Shape}, the input wants {shape}");
    }

    /// <summary>The tensor with dimensions of 1 put in front or dropped from there, when that is all that is missing.</summary>
    private static Tensor? WithRank(Tensor tensor, TensorShape wanted)
    {
        if (wanted.IsUnknownRank || wanted.Rank == tensor.Shape.Rank || !tensor.Shape.IsFullyKnown)
            return null;
        long[] dimensions = [.. tensor.Shape.Dimensions];
        int missing = wanted.Rank - dimensions.Length;
        if (missing < 0 && dimensions.Take(-missing).Any(dimension => dimension != 1))
            return null;
        var shape = TensorShape.Of(missing > 0 ? [.. Enumerable.Repeat(1L, missing), .. dimensions] : dimensions[-missing..]);
        if (!Fits(shape, wanted))
            return null;
        return tensor.Type == DataType.String ? Tensor.FromStrings(shape, [.. tensor.Strings]) : Tensor.FromContent(tensor.Type, shape, tensor.Bytes);
    }

    private static Tensor ReadAny(string value, DataType type, TensorShape shape, bool isSerialized)
    {
        if (value.StartsWith("random:", StringComparison.Ordinal))
            return Random(value["random:".Length..], type, shape);
        if (value.StartsWith("raw:", StringComparison.Ordinal))
            return value.Length > "raw:".Length ? Raw(value["raw:".Length..], type, shape) : throw new FeedException("'raw:' needs the path of a file: raw:FILE");
        if (value.StartsWith("text:", StringComparison.Ordinal))
            return Tensor.FromStrings(TensorShape.Scalar, [System.Text.Encoding.UTF8.GetBytes(value["text:".Length..])]);
        if (Listed(value) is { } list)
            return NumberConversion.To(list, type == DataType.String ? DataType.Double : type);
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && type is DataType.Int64 or DataType.UInt64)
            return Filled<long>(DataType.Int64, type, shape, whole);
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || bool.TryParse(value, out bool truth) && (number = truth ? 1 : 0) >= 0)
            return Filled<double>(DataType.Double, type, shape, number);
        string path = value.Split('?')[0];
        if (ImageFile.IsImage(path))
            return type == DataType.String ? Bytes(path) : ImageFile.Read(path, ImageOptions.Parse(value[Math.Min(value.Length, path.Length + 1)..]), type, shape);
        if (path.EndsWith(".wav", StringComparison.OrdinalIgnoreCase))
            return type == DataType.String ? Bytes(path) : SoundFor(path, BoundedReading.File(path), shape);
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            return isSerialized ? SerializedMessages.Unfilled(NpyFile.Read(BoundedReading.File(path), keepsFill: true)) : NpyFile.Read(BoundedReading.File(path));
        int archive = value.IndexOf(".npz", StringComparison.OrdinalIgnoreCase);
        if (archive >= 0)
            return FromArchive(value[..(archive + 4)], value[(archive + 4)..].TrimStart(':'));
        throw new FeedException($"'{value}' is not a value: give a number, random:SEED, text:STRING, numbers with commas between, raw:FILE, FILE.npy, FILE.npz:KEY, an image or a .wav file");
    }

    /// <summary>The samples of a sound that the input's shape takes.</summary>
    /// <exception cref="FeedException">The bytes are no sound, or it has another length.</exception>
    internal static Tensor SoundFor(string path, byte[] content, TensorShape shape)
    {
        var (samples, rate) = WaveFile.Read(content, path);
        if (Fits(samples.Shape, shape) || WithRank(samples, shape) is not null)
            return samples;
        if (samples.Shape[1] == 1 && WithRank(Tensor.FromContent(samples.Type, TensorShape.Of(samples.Shape[0]), samples.Bytes), shape) is { } flat)
            return flat;
        long wanted = SampleInputs.KnownElements(shape);
        throw new FeedException($"'{path}' has {samples.Shape[0]} samples of {samples.Shape[1]} channel{(samples.Shape[1] == 1 ? "" : "s")} ({rate} a second), the input wants {shape}")
        {
            Suggestion = $"Resample or cut it to what the model was trained on, for example with: sox IN.wav -r 16000 -c 1 OUT.wav trim 0 {wanted}s",
        };
    }

    private static Tensor Random(string value, DataType type, TensorShape shape)
    {
        const string ShapeOption = "?shape=";
        int option = value.IndexOf(ShapeOption, StringComparison.Ordinal);
        if (option < 0)
            return RandomTensors.Create(type, shape, Seed(value));
        var dimensions = value[(option + ShapeOption.Length)..].Split('x').Select(dimension => uint.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out uint size) ? size : -1L);
        var given = TensorShape.Of([.. dimensions]);
        return given.Dimensions.Min() > 0 && given.TryCount(out long count) && count <= MostFilled
            ? RandomTensors.Create(type, given, Seed(value[..option]))
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
            : throw new FeedException($"'{path}' has no array '{key}'; it has {NameList.Join(arrays.Keys)}");
    }

    private static Tensor Raw(string path, DataType type, TensorShape shape)
    {
        byte[] bytes = BoundedReading.File(path);
        if (type == DataType.String)
            return Bytes(path);
        long known = checked(SampleInputs.KnownElements(shape) * type.Size());
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

    private static Tensor Bytes(string path) => Tensor.FromStrings(TensorShape.Scalar, [BoundedReading.File(path)]);

    private static Tensor Filled<T>(DataType from, DataType type, TensorShape shape, T number)
        where T : unmanaged
    {
        TensorShape full = shape.IsUnknownRank ? TensorShape.Scalar : RandomTensors.Known(shape);
        if (!full.TryCount(out long count) || count > MostFilled)
            throw new FeedException($"the input's shape {shape} has too many elements to be filled with one number");
        var values = new T[count];
        Array.Fill(values, number);
        return Retyped(Tensor.Create<T>(from, full, values), type);
    }

    /// <summary>Numbers with commas between, in brackets or not, as a vector; null for anything else.</summary>
    private static Tensor? Listed(string value)
    {
        string[] parts = value.Trim().TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length < 2 && !value.StartsWith('['))
            return null;
        if (Array.TrueForAll(parts, part => long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            return Tensor.Create<long>(DataType.Int64, TensorShape.Of(parts.Length), [.. parts.Select(part => long.Parse(part, CultureInfo.InvariantCulture))]);
        return Array.TrueForAll(parts, part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            ? Tensor.Create<double>(DataType.Double, TensorShape.Of(parts.Length), [.. parts.Select(part => double.Parse(part, CultureInfo.InvariantCulture))])
            : null;
    }

    /// <summary>Numbers are converted to the input's type when that loses nothing but precision; integers of quantized types are taken as they are.</summary>
    private static Tensor Retyped(Tensor tensor, DataType type) => (tensor.Type, type) switch
    {
        _ when tensor.Type == type => tensor,
        (DataType.UInt8, DataType.QUInt8) or (DataType.Int8, DataType.QInt8) or (DataType.Int32, DataType.QInt32) or (DataType.UInt16, DataType.BFloat16)
            or (DataType.Int16, DataType.QInt16) or (DataType.UInt16, DataType.QUInt16) => Tensor.FromContent(type, tensor.Shape, tensor.Bytes),
        (DataType.UInt8, DataType.String) => Tensor.FromStrings(TensorShape.Scalar, [tensor.Bytes]),
        (DataType.String, _) or (_, DataType.String) => throw new FeedException($"the value has type {tensor.Type.Name()}, the input wants {type.Name()}"),
        _ => NumberConversion.To(tensor, type),
    };

    private static int Seed(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed) ? seed : throw new FeedException($"the seed of random numbers is a whole number of 32 bits, not '{text}'");

    /// <summary>A declared scalar counts as unknown: old graphs have it on every placeholder.</summary>
    private static bool Fits(TensorShape actual, TensorShape wanted) => wanted.Rank == 0 || wanted.Allows(actual);
}
