using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;

namespace TransformFramework.Keras.Tests;

/// <summary>A file of the oracle: one case by one writer.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="File">The model file in the zip.</param>
/// <param name="Zip">Path of the zip.</param>
/// <param name="Npz">Inputs and outputs in the zip; null where the file must be refused.</param>
/// <param name="Inputs">Public names of the inputs, in order.</param>
/// <param name="Tolerance">Largest difference, relative to max(1, largest output).</param>
/// <param name="Words">What a refusal must say; default for files that must be read.</param>
/// <param name="MayRefuse">True where a refusal will do, too.</param>
internal sealed record OracleFile(string Case, string File, string Zip, string? Npz, ImmutableArray<string> Inputs, double Tolerance, ImmutableArray<string> Words, bool MayRefuse)
{
    /// <summary>Every file of an index.</summary>
    public static IEnumerable<OracleFile> Of(string folder)
    {
        foreach (string line in System.IO.File.ReadLines(Path.Combine(folder, "index.jsonl")))
        {
            JsonElement entry = JsonDocument.Parse(line).RootElement;
            bool isError = entry.GetProperty("expect").GetString() == "error";
            ImmutableArray<string> words = !isError ? default : WordsOf(entry);
            foreach (JsonElement variant in entry.GetProperty("variants").EnumerateArray())
            {
                yield return new(
                    entry.GetProperty("case").GetString()!,
                    variant.GetProperty("file").GetString()!,
                    Path.Combine(folder, entry.GetProperty("zip").GetString()!),
                    variant.TryGetProperty("npz", out JsonElement npz) ? npz.GetString() : null,
                    variant.TryGetProperty("inputs", out JsonElement inputs) ? [.. inputs.EnumerateArray().Select(input => input.GetProperty("name").GetString()!)] : [],
                    entry.TryGetProperty("tol", out JsonElement tolerance) ? tolerance.GetDouble() : 1e-5,
                    words,
                    variant.TryGetProperty("reread", out JsonElement reread) && reread.ValueKind == JsonValueKind.False);
            }
        }
    }

    /// <summary>The bytes of the model and of its inputs and outputs.</summary>
    public (byte[] Model, byte[]? Values) Load()
    {
        using ZipArchive archive = ZipFile.OpenRead(Zip);
        return (Bytes(archive, File), Npz is null ? null : Bytes(archive, Npz));
    }

    private static byte[] Bytes(ZipArchive archive, string name)
    {
        ZipArchiveEntry entry = archive.GetEntry(name) ?? throw new FileNotFoundException(name);
        using Stream stream = entry.Open();
        byte[] bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ImmutableArray<string> WordsOf(JsonElement entry) => entry.TryGetProperty("error", out JsonElement error)
        ? error.ValueKind == JsonValueKind.Array ? [.. error.EnumerateArray().Select(word => word.GetString()!)] : [error.GetString()!]
        : [];
}
