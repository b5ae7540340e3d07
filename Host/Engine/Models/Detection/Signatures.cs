using System.Text;
using System.Text.RegularExpressions;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models.Detection;

/// <summary>Recognizes files by their first or last bytes.</summary>
internal static partial class Signatures
{
    private const int HeadLength = 4096;

    private static readonly (byte[] Prefix, ForeignFormat Format)[] Prefixes =
    [
        ([0x1F, 0x8B], ForeignFormat.Gzip),
        ([0x89, .. "HDF\r\n"u8, 0x1A, .. "\n"u8], ForeignFormat.Hdf5),
        ([0x89, .. "PNG"u8], ForeignFormat.Png),
        ([0xFF, 0xD8, 0xFF], ForeignFormat.Jpeg),
        ([0x93, .. "NUMPY"u8], ForeignFormat.Numpy),
        ([.. "GGUF"u8], ForeignFormat.Gguf),
        ([0x80, 0x02], ForeignFormat.Pickle),
    ];

    private static readonly (string Prefix, ForeignFormat Format)[] TextPrefixes =
    [
        ("version https://git-lfs", ForeignFormat.GitLfsPointer),
        ("<!doctype html", ForeignFormat.Html),
        ("<html", ForeignFormat.Html),
        ("<?xml", ForeignFormat.Xml),
        ("{", ForeignFormat.Json),
        ("[", ForeignFormat.Json),
        ("model_checkpoint_path", ForeignFormat.CheckpointState),
        ("saved_model_schema_version", ForeignFormat.SavedModel),
        ("meta_graphs", ForeignFormat.SavedModel),
        ("meta_info_def", ForeignFormat.MetaGraph),
    ];

    /// <summary>The last bytes of the table files that checkpoints are kept in.</summary>
    private static readonly byte[] TableEnd = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB];

    /// <summary>The format of a file that no GraphDef can be taken for, by its first bytes alone.</summary>
    public static ForeignFormat? IdentifyByHead(ModelSourceFile source)
    {
        ReadOnlySpan<byte> head = source.Slice(0, (int)Math.Min(source.Length, HeadLength)).Span;
        foreach (var (prefix, format) in Prefixes)
        {
            if (head.StartsWith(prefix))
                return format;
        }
        if (head.StartsWith("PK\x03\x04"u8))
            return IsKeras(source) ? ForeignFormat.KerasZip : ForeignFormat.Zip;
        return head.Length > 8 && head[4..8].SequenceEqual("TFL3"u8) ? ForeignFormat.TensorFlowLite : null;
    }

    /// <summary>The format of a file that is no GraphDef.</summary>
    public static ForeignFormat? Identify(ModelSourceFile source, string path) =>
        IdentifyByHead(source) ?? IdentifyCheckpoint(source, path) ?? IdentifyText(source.Slice(0, (int)Math.Min(source.Length, HeadLength)).Span);

    private static ForeignFormat? IdentifyCheckpoint(ModelSourceFile source, string path)
    {
        if (CheckpointDataName().IsMatch(path))
            return ForeignFormat.CheckpointData;
        if (source.Length < TableEnd.Length || !source.Slice(source.Length - TableEnd.Length, TableEnd.Length).Span.SequenceEqual(TableEnd))
            return null;
        return path.EndsWith(".index", StringComparison.Ordinal) ? ForeignFormat.CheckpointIndex : ForeignFormat.CheckpointV1;
    }

    private static ForeignFormat? IdentifyText(ReadOnlySpan<byte> head)
    {
        string text = Encoding.Latin1.GetString(head).TrimStart();
        return Array.Find(TextPrefixes, entry => text.StartsWith(entry.Prefix, StringComparison.OrdinalIgnoreCase)).Format;
    }

    private static bool IsKeras(ModelSourceFile source)
    {
        int length = (int)Math.Min(source.Length, 1 << 16);
        return source.Slice(0, length).Span.IndexOf("model.weights.h5"u8) >= 0
            || source.Slice(source.Length - length, length).Span.IndexOf("model.weights.h5"u8) >= 0;
    }

    [GeneratedRegex(@"\.data-\d{5}-of-\d{5}$", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointDataName();
}
