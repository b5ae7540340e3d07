using System.Globalization;
using System.IO.Compression;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.TfLite;

/// <summary>Arrays of a .npz file by name.</summary>
internal static class NpzFile
{
    public static Dictionary<string, Tensor> Read(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => entry.FullName[..^".npy".Length], entry =>
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return Parse(bytes.ToArray());
        });
    }

    private static Tensor Parse(byte[] bytes)
    {
        bool isShort = bytes[6] == 1;
        int length = isShort ? BitConverter.ToUInt16(bytes, 8) : BitConverter.ToInt32(bytes, 8);
        int start = isShort ? 10 : 12;
        string header = Encoding.Latin1.GetString(bytes, start, length);
        string kind = Between(header, "'descr': '", "'");
        long[] shape = [.. Between(header, "'shape': (", ")").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        DataType type = kind[1..] switch
        {
            "f4" => DataType.Float,
            "f8" => DataType.Double,
            "f2" => DataType.Half,
            "i1" => DataType.Int8,
            "u1" => DataType.UInt8,
            "i2" => DataType.Int16,
            "u2" => DataType.UInt16,
            "i4" => DataType.Int32,
            "u4" => DataType.UInt32,
            "i8" => DataType.Int64,
            "u8" => DataType.UInt64,
            "b1" => DataType.Bool,
            "c8" => DataType.Complex64,
            _ => throw new NotSupportedException($"arrays of {kind}"),
        };
        return Tensor.FromContent(type, TensorShape.Of(shape), bytes.AsMemory(start + length));
    }

    private static string Between(string text, string before, string after)
    {
        int start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }
}
