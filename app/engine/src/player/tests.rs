mod caption;
mod course;
mod edits;
mod random;
mod sign;
mod splash;
mod wall;
