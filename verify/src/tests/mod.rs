//! The published vectors, which another implementation wrote, and other people's tree.

mod vectors;
