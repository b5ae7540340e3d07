using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>Copies what is in a mapped file from the file itself, so that the map's pages stay out of the working set.</summary>
internal sealed class MappedWireWriter(byte[] buffer, Stream output) : WireWriter(buffer, output)
{
    private readonly Stream output = output;
    private readonly byte[] block = buffer;

    protected override void WriteThrough(ReadOnlyMemory<byte> value)
    {
        if (!MemoryMarshal.TryGetMemoryManager(value, out MappedMemory? mapped, out int start, out int length))
        {
            base.WriteThrough(value);
            return;
        }
        long at = mapped.Offset + start;
        for (long end = at + length; at < end;)
        {
            int read = RandomAccess.Read(mapped.File, block.AsSpan(0, (int)Math.Min(block.Length, end - at)), at);
            if (read == 0)
                throw new EndOfStreamException("the input file became shorter while it was read");
            output.Write(block, 0, read);
            at += read;
        }
    }
}
