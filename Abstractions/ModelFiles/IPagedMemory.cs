namespace TransformFramework.ModelFiles;

/// <summary>A memory manager of a file that is mapped: its pages can be given back to the system and come from the file again when they are read.</summary>
public interface IPagedMemory
{
    /// <summary>Gives back the whole pages between two bytes, as far as the system does that.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="length">Number of bytes.</param>
    void Release(int start, int length);
}
