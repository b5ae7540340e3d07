using System.Buffers;
using System.Runtime.InteropServices;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>Copies what is in a file from the file itself, so that neither a map's pages nor the bytes of a streamed file stay in memory.</summary>
internal sealed class FileWireWriter(byte[] buffer, Stream output) : WireWriter(buffer, output)
{
    private readonly Stream output = output;
    private readonly byte[] block = buffer;

    protected override void WriteThrough(ReadOnlyMemory<byte> value)
    {
        if (!MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(value, out var manager, out int start, out int length) || manager is not (IDeferredMemory or MappedMemory))
        {
            base.WriteThrough(value);
            return;
        }
        for (int done = 0; done < length;)
        {
            int count = Math.Min(block.Length, length - done);
            Read(manager, start + done, block.AsSpan(0, count));
            output.Write(block, 0, count);
            done += count;
        }
    }

    private static void Read(MemoryManager<byte> manager, int start, Span<byte> target)
    {
        if (manager is MappedMemory mapped)
            mapped.Read(start, target);
        else
            ((IDeferredMemory)manager).Read(start, target);
    }
}
