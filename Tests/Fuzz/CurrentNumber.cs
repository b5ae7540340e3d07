using System.Buffers.Text;
using System.IO.MemoryMappedFiles;

namespace TransformFramework.Fuzz;

/// <summary>The number of the file that is read now, in a file that outlives the process: what is there when the process ends in the middle is the number of a finding. Deleted where the run ends.</summary>
internal sealed class CurrentNumber : IDisposable
{
    private const int Digits = 16;

    private readonly byte[] text = new byte[Digits];
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly string path;

    /// <summary>Makes the file.</summary>
    public CurrentNumber(string path)
    {
        this.path = path;
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Digits);
        view = file.CreateViewAccessor();
    }

    /// <summary>Keeps a number.</summary>
    public void Set(int number)
    {
        Array.Fill(text, (byte)' ');
        Utf8Formatter.TryFormat(number, text, out _);
        view.WriteArray(0, text, 0, Digits);
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
        File.Delete(path);
    }
}
