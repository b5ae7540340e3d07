using System.Collections.Immutable;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.WeightManifests;

/// <summary>Reads a chain of files as one stretch of bytes; what is within one file is not copied.</summary>
internal sealed class ShardReader(ImmutableArray<(string Name, ModelSourceFile File)> shards)
{
    private int shard;
    private long offset;

    /// <summary>The next bytes.</summary>
    /// <exception cref="ModelFormatException">The chain is too short.</exception>
    public ReadOnlyMemory<byte> Take(long length, string weight)
    {
        while (shard < shards.Length && offset == shards[shard].File.Length)
        {
            shard++;
            offset = 0;
        }
        if (shard == shards.Length ? length > 0 : length > Left())
            throw WeightManifest.Malformed($"the shards end within the weight '{weight}': the last is '{(shards.IsEmpty ? "none" : shards[^1].Name)}'", "A shard is cut or missing; copy the files again.");
        if (length == 0)
            return default;
        ModelSourceFile file = shards[shard].File;
        if (length <= file.Length - offset)
        {
            ReadOnlyMemory<byte> slice = file.Slice(offset, checked((int)length));
            offset += length;
            return slice;
        }
        byte[] joined = new byte[checked((int)length)];
        for (int at = 0; at < joined.Length;)
        {
            file = shards[shard].File;
            int count = (int)Math.Min(file.Length - offset, joined.Length - at);
            file.Slice(offset, count).Span.CopyTo(joined.AsSpan(at));
            at += count;
            offset += count;
            if (offset == file.Length && at < joined.Length)
            {
                shard++;
                offset = 0;
            }
        }
        return joined;
    }

    private long Left() => shards.Skip(shard).Sum(entry => entry.File.Length) - offset;
}
